import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { folder, git, never, origin, saved, sh, storage, world } from "../sandbox/world.ts"
import { look, move } from "./look.ts"

const files = { a: "1\n", b: "2\n" }
const commit = (text: string) => `echo ${text} > a && git commit -qam ${text}`
const sides = `git checkout -q -b side && ${commit("theirs")} && git checkout -q - && ${commit("ours")}`

/** What is begun here, and how it is ended there; the last line is what that prints. */
const work: Record<string, [begin: string, end: string, printed: string]> = {
  rebase: [
    `${sides}; ${commit("more")}; git stash -q; echo 3 > b; git rebase -q --autostash side; git tag -f keep`,
    "echo resolved > a && git add a && git -c core.editor=true rebase --continue >/dev/null; git checkout -q --ours a; git rebase --abort; git log --format=%s -1; cat b",
    "more\n3\n",
  ],
  pick: [
    `${sides}; git cherry-pick side`,
    "echo r > a && git add a && git cherry-pick --continue >/dev/null; git log --format=%s -1",
    "theirs\n",
  ],
  revert: [`${commit("x")}; ${commit("y")}; git revert --no-edit HEAD~1`, "git revert --abort; cat a", "y\n"],
  bisect: [
    `for n in 1 2 3 4 5 6; do ${commit("$n")}; done; git bisect start -q HEAD HEAD~5 >/dev/null`,
    "git bisect good >/dev/null; git bisect log | grep -c ^git; git bisect reset -q; cat a",
    "2\n6\n",
  ],
  rerere: [
    `git config rerere.enabled true; ${sides}; git merge side; echo both > a; git commit -qam Both; git reset -q --hard HEAD~1`,
    "git merge side >/dev/null; cat a",
    "both\n",
  ],
  apply: [
    `${commit("x")}; git format-patch -q -1 --stdout > ../patch; git reset -q --hard HEAD~1; ${commit("z")}; git am -q -3 ../patch`,
    "git am --abort; cat a",
    "z\n",
  ],
}

it("what is in progress is ended elsewhere as it would have been here", async () => {
  const one = await world()
  for (const [name, [begin]] of Object.entries(work)) {
    await one.workspace.clone(origin(files, name), never)
    await sh(one.sandbox, begin, name)
  }
  const names = Object.keys(work)
  const before = await Promise.all(names.map((name) => look(one.sandbox, name)))
  const { to } = await move(one)
  expect(await Promise.all(names.map((name) => look(to.sandbox, name)))).toEqual(before)
  for (const [name, [, end, printed]] of Object.entries(work))
    expect(await sh(to.sandbox, `{ ${end}; } 2>/dev/null`, name), name).toBe(printed)
})

it("tags, notes and other refs come back, and what a clone brings is not saved again", async () => {
  const bare = origin(files)
  git(bare, "tag", "-a", "-m", "One", "v1", "main")
  const one = await world()
  await one.workspace.clone(bare, never)
  const script = [
    "git commit -q --allow-empty -m Mine; git tag light; git tag -a -m Note note; git tag -a -m Again again note",
    "git tag -d v1; git tag tree 'HEAD^{tree}'; git notes add -m Remark; git update-ref refs/mine/x HEAD",
    "git symbolic-ref refs/heads/alias refs/heads/main; git branch topic/one",
  ]
  await sh(one.sandbox, script.join("\n"), "origin")
  const before = await look(one.sandbox)
  const { to } = await move(one)
  expect(await look(to.sandbox)).toBe(before)
  expect(await sh(to.sandbox, "git tag -n; git notes show; git fsck 2>&1 | grep -v dangling", "origin")).toBe(
    "again           Again\nlight           Mine\nnote            Note\ntree            \nRemark\n",
  )
})

it("settings come back that say how files are read and where branches lead, and none that runs a program", async () => {
  const one = await world()
  await one.workspace.clone(origin(files), never)
  const evil = 'touch "$HOME/evil"; true'
  const script = [
    "git config core.autocrlf input; git config user.name 'Ada \"A\" L.'; git config pull.rebase true",
    "git remote add up https://example.com/up.git; git config branch.main.remote up",
    `git config core.hooksPath hooks; git config core.fsmonitor '${evil}'; git config alias.st '!${evil}'`,
    `git config filter.evil.clean '${evil}; cat'; git config filter.evil.smudge '${evil}; cat'; git config core.sshCommand '${evil}'`,
    `git config remote.ext.url 'ext::${evil}'; git config remote.login.url https://user:secret@example.com/x`,
    `printf '#!/bin/sh\\n${evil}\\n' > .git/hooks/post-checkout; chmod +x .git/hooks/post-checkout; git config include.path ../x`,
    "echo '*.tmp' >> .git/info/exclude; echo 'a filter=evil' > .git/info/attributes; touch x.tmp; git sparse-checkout set --no-cone '/*' '!/b'; rm -f \"$HOME/evil\"",
  ]
  await sh(one.sandbox, script.join("\n"), "origin")
  const { to } = await move(one)
  const config = readFileSync(join(to.sandbox.root, "origin/.git/config"), "utf8")
  expect(config).not.toMatch(/evil|secret|alias|filter|hook|include/i)
  const read =
    "for key in core.autocrlf user.name pull.rebase remote.up.url branch.main.remote core.sparsecheckout; do git config $key; done"
  expect(
    await sh(
      to.sandbox,
      `${read}; tail -1 .git/info/exclude; ls; ls "$HOME/evil" .git/hooks/post-checkout 2>/dev/null`,
      "origin",
    ),
  ).toBe('input\nAda "A" L.\ntrue\nhttps://example.com/up.git\nup\ntrue\n*.tmp\na\n')
  const set = "git config core.fileMode false && git config core.autocrlf false; git config core.autocrlf"
  expect(await sh(to.sandbox, set, "origin")).toBe("false\n")
  // The gateway of the new worker, and nothing of the old one.
  expect(config).toContain(`127.0.0.1:${to.gateway.port}/`)
  expect(config).not.toContain(`127.0.0.1:${one.gateway.port}/`)
})

it("what an earlier version saved can be restored", async () => {
  const bare = origin(files)
  const work = join(folder(), "work")
  git("/", "clone", "-q", bare, work)
  const branch = "remote-swe/0123456789"
  const run = (...args: string[]) => git(work, ...args).trim()
  const base = run("rev-parse", "HEAD")
  run("checkout", "-q", "-b", branch)
  run("commit", "-q", "--allow-empty", "-m", "Mine")
  writeFileSync(join(work, "a"), "changed\n")
  run("add", "a")
  writeFileSync(join(work, "new"), "new\n")
  const stash = run("stash", "create")
  const store = (path: string) => run("hash-object", "-w", path)
  const state = {
    version: 1,
    base,
    head: `refs/heads/${branch}`,
    refs: [
      { ref: "refs/heads/main", commit: base, upstream: "refs/heads/main" },
      { ref: `refs/heads/${branch}`, commit: run("rev-parse", "HEAD") },
    ],
    stashes: [{ commit: stash, message: "On it: \u00fc" }],
    files: { MERGE_MSG: "Half a message\n", "hooks/post-checkout": "#!/bin/sh\ntouch evil\n" },
  }
  writeFileSync(join(work, "state"), JSON.stringify(state))
  const tree = (...entries: string[]) =>
    execFileSync("git", ["mktree"], { cwd: work, input: entries.join("\n"), encoding: "utf8" }).trim()
  const file = (path: string, name: string) => `100644 blob ${store(path)}\t${name}`
  const commit = run(
    "commit-tree",
    tree(
      file("state", "state.json"),
      `040000 tree ${tree(file("a", "a"), file("b", "b"), file("new", "new"))}\twork`,
      `040000 tree ${tree(file("a", store("a")))}\tstaged`,
      file(".git/index", "index"),
    ),
    ...["HEAD", base, stash].flatMap((parent) => ["-p", parent]),
    "-m",
    "save",
  )
  run("update-ref", "refs/remote-swe/save", commit)
  run("bundle", "create", "-q", "../bundle", "refs/remote-swe/save", "--not", base)
  const shared = storage()
  const bundle = await shared.put("origin.bundle", "application/vnd.git-bundle", readFileSync(join(work, "../bundle")))
  const to = await world({ files: shared, sessionID: "ses_00000000000000000123456789" })
  const entry = { name: "origin", source: bare, branch, base: "main", head: commit, file: bundle }
  await to.workspace.restore({ repositories: [entry] }, never)
  const script =
    "git log --format=%s -1; git status --porcelain; cat a new; git stash list; cat .git/MERGE_MSG; git config branch.main.merge; ls .git/hooks/post-checkout 2>/dev/null"
  expect(await sh(to.sandbox, script, "origin")).toBe(
    "Mine\nM  a\n?? new\nchanged\nnew\nstash@{0}: On it: \u00fc\nHalf a message\nrefs/heads/main\n",
  )
  expect((await saved(to))?.repositories[0]?.earlier).toBeUndefined()
})
