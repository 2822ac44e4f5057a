import fc from "fast-check"

/** What somebody may do in a work tree, as lines of a shell. What does not work in a state fails without effect. */

/** A byte that is no UTF-8. */
const alien = "\u0000"

const name = fc.constantFrom(
  "a.txt",
  "b/c.txt",
  "b",
  "crlf.txt",
  "kept ignored",
  "new",
  "dir/x",
  "dir/deeper/y",
  "dir",
  "ü ñ.txt",
  "-dash",
  "line\nbreak",
  `alien${alien}`,
  "star*[x]",
  '"quoted"',
  "git~1",
  "ignored.log",
  "dir/ignored/z",
  "inner/file",
  "sub/file",
)
/**
 * None that git would take for what it has, but for line ends: it says of such a file that it is changed until
 * it has looked into it, and it does so when it is restored.
 */
const text = fc.constantFrom(
  "",
  "1\n",
  "one\n",
  "no end",
  "a\r\nb\r\n",
  "mixed\r\nx\n",
  "\0binary\xff",
  "two\n",
  "<<<<<<< x\n",
)

/** As a word of the shell, byte for byte. */
const word = (text: string) =>
  `$'${text.replace(/[^\w ./~-]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, "0")}`)}'`
const place = (name: string) => word(`./${Buffer.from(name).toString("latin1")}`.replace(alien, "\xe9"))

const clear = (path: string) => `rm -rf ${path}; mkdir -p "$(dirname ${path})" 2>/dev/null`

const write = fc
  .tuple(name, text)
  .map(([name, text]) => `${clear(place(name))}; printf %b ${word(escape(text))} > ${place(name)}`)
/** What no word can hold is left to printf. */
const escape = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\0", "\\0000")

const onFile = fc
  .tuple(
    name,
    fc.constantFrom(
      (path: string) => `rm -rf ${path}`,
      (path: string) => `git add -A -f -- ${path}`,
      (path: string) => `git add -A -- ${path}`,
      (path: string) => `git rm -r -q --cached -- ${path}`,
      (path: string) => `git add -N -- ${path}`,
      (path: string) => `git update-index --assume-unchanged ${path}`,
      // Git itself takes that back where it knows by other rules which files are there.
      (path: string) => `git config core.sparseCheckout | grep -q true || git update-index --skip-worktree ${path}`,
      (path: string) => `git update-index --chmod=+x ${path}`,
      (path: string) => `git checkout -q -- ${path}`,
      (path: string) => `chmod +x ${path}`,
      (path: string) => `chmod 600 ${path}`,
      (path: string) => `chmod 444 ${path}`,
      (path: string) => `touch ${path}`,
      (path: string) => `${clear(path)}; ln -s target ${path}`,
      (path: string) => `${clear(path)}; ln -s ../b ${path}`,
      (path: string) => `${clear(path)}; mkdir -p ${path}/empty/folder`,
      (path: string) => `printf more >> ${path}`,
    ),
  )
  .map(([name, act]) => act(place(name)))

const commit = "git commit -q -m Commit"
const conflict = (how: string) =>
  `git checkout -q -b side-$RANDOM HEAD~1 && echo theirs > a.txt && git commit -qam Theirs && git checkout -q - && echo ours > a.txt && git commit -qam Ours && ${how}`

const onAll = fc.constantFrom(
  commit,
  "mkfifo pipe",
  "git add -A; git commit -q -m All",
  "git commit -q --allow-empty -m Empty",
  "git commit -q --amend -m Amended",
  "git stash -q -u",
  "git stash -q",
  "git stash pop -q",
  "git branch other-$RANDOM",
  "git checkout -q -b branch-$RANDOM",
  "git checkout -q -",
  "git checkout -q --detach",
  "git checkout -q --orphan orphan-$RANDOM",
  "git branch -m renamed-$RANDOM",
  "git reset -q --soft HEAD~1",
  "git reset -q --hard HEAD~1",
  "git reset -q",
  "git clean -fdq",
  "git tag light-$RANDOM",
  "git tag -a -m Note note-$RANDOM",
  "git tag -d v1",
  "git tag -f v1",
  "git notes add -f -m Note",
  "git update-ref refs/other/ref HEAD",
  "git symbolic-ref refs/heads/alias refs/heads/main",
  "git replace -f HEAD HEAD~1",
  "git config core.autocrlf true; echo '*.txt text eol=crlf' > .gitattributes",
  "git config user.name Somebody",
  "git remote add up https://example.com/up.git",
  "echo '*.tmp' >> .git/info/exclude",
  "git update-index --index-version 4",
  "git update-index --split-index",
  "git sparse-checkout set --cone b",
  "git sparse-checkout disable",
  "git gc -q --prune=now",
  "git fetch -q",
  conflict('git merge "$(git branch --list "side-*" --format="%(refname:short)" | tail -1)"'),
  conflict('git cherry-pick "$(git branch --list "side-*" --format="%(refname:short)" | tail -1)"'),
  conflict('git rebase "$(git branch --list "side-*" --format="%(refname:short)" | tail -1)"'),
  conflict("git revert --no-edit HEAD~1"),
  "git config rerere.enabled true",
  "git merge --squash v1; git merge --no-commit --no-ff v1",
  "git merge --abort; git rebase --abort; git cherry-pick --abort; git revert --abort",
  "echo resolved > a.txt; git add a.txt",
  "git bisect start HEAD HEAD~1",
  "git bisect reset",
  "git rebase -q --exec false HEAD~1",
  "git init -q inner && cd inner && git commit -q --allow-empty -m Inner && cd ..",
  "git init -q inner && echo x > inner/x && git -C inner add x",
  "git -C inner add -A; git -C inner commit -qm More; git -C inner tag -a -m Note t-$RANDOM",
  "git -C inner stash -q -u",
  'git -c protocol.file.allow=always submodule add -q "$SUB" sub',
  "git -c protocol.file.allow=always submodule update -q --init",
  "git -C sub checkout -q -b work; git -C sub commit -q --allow-empty -m Inside; echo x > sub/y",
  "git submodule deinit -q -f sub",
  'git clone -q --depth 1 file://"$SUB" inner',
)

const step = fc.oneof(
  { weight: 4, arbitrary: write },
  { weight: 6, arbitrary: onFile },
  { weight: 6, arbitrary: onAll },
)

/** Some of it, one after the other. */
export const steps = fc.array(step, { minLength: 1, maxLength: 10 })

export const script = (steps: readonly string[], submodule: string) =>
  [`SUB='${submodule}'; RANDOM=1`, ...steps.map((step) => `( ${step} ) </dev/null >/dev/null 2>&1`), "true"].join("\n")
