import fc from "fast-check"
import { execFileSync } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { Sandbox } from "../../src/sandbox/index.ts"
import { git, kinds, never, origin, sh, storage, saved, world, type World } from "../sandbox/world.ts"

/** All that a save promises to bring back, as text. */
const look = [
  "git status --porcelain=v2 --branch --untracked-files=all",
  "git log --format='%H %an %ae %s' --all --not --remotes",
  "git for-each-ref refs/heads refs/stash",
  "git stash list",
  "git symbolic-ref -q HEAD",
  "git ls-files --stage",
  "git diff-files --name-status",
  "cat .git/MERGE_HEAD",
  "find . -path ./.git -prune -o \\( -type f -o -type l \\) -printf '%p %y %#m %l\\n' | grep -v ignored | sed 's/0[0-7]*\\([0-7]\\)[0-7][0-7] /\\1 /' | sort",
  "find . -path ./.git -prune -o -type f -print0 | sort -z | grep -zv ignored | xargs -0 sha256sum",
].join("; echo --; ")

const show = (sandbox: Sandbox.Info, name = "origin") => sh(sandbox, `{ ${look}; } 2>&1`, name)

/** The session goes on elsewhere: other folders, other process of git, the same files in the bucket. */
async function move(from: World) {
  const entry = await saved(from)
  const to = await world({ sessionID: from.sessionID, files: from.files })
  await to.workspace.restore(entry?.repositories ?? [], never)
  return { saved: entry, to }
}

const files = {
  "a.txt": "one\n",
  "b/c.txt": "two\n",
  "crlf.txt": "x\r\ny\r\n",
  ".gitignore": "ignored*\n",
  "kept ignored": "tracked though ignored\n",
  ".gitattributes": "*.txt text=auto\n",
}

describe.each(kinds)("in a sandbox of kind %s", (kind) => {
  it("a saved workspace comes back as it was", async () => {
    const bare = origin(files)
    const one = await world({ kind })
    await one.workspace.clone(bare, never)
    await sh(
      one.sandbox,
      [
        "echo committed > new.txt && git add new.txt && git commit -qm 'A commit'",
        "echo stashed >> a.txt && git stash -q && echo again >> a.txt && git stash -q",
        "git branch side && git checkout -q -b other && git commit -q --allow-empty -m Side && git checkout -q -",
        "echo staged > b/c.txt && git add b/c.txt && echo unstaged > b/c.txt",
        "echo untracked > 'ä\"$`\n x.txt'; printf 'a\\0b' > binary; echo ignored > ignored.txt",
        "printf 'mixed\\r\\nends\\n' > mixed.txt; printf 'q\\r\\n' >> crlf.txt",
        "echo '#!/bin/sh' > run.sh; chmod +x run.sh; ln -s ../nowhere link; rm 'kept ignored'",
        "git rm -q --cached .gitignore; git mv crlf.txt moved.txt; echo i > intent && git add -N intent",
        "mkdir deep && cd deep && git init -q && git commit -q --allow-empty -m Inner",
      ].join("\n"),
      "origin",
    )
    const before = await show(one.sandbox)
    const { to, saved: kept } = await move(one)
    // A repository inside the repository is not saved; nor is what is ignored.
    const strip = (text: string) => text.replace(/^.*deep.*\n/gm, "")
    expect(strip(await show(to.sandbox))).toBe(strip(before))
    expect(kept?.repositories[0]).toMatchObject({ name: "origin", source: bare, base: "main" })
    expect(await saved(to)).toBeUndefined()
  })
})

it("a conflict in the middle of a merge comes back", async () => {
  const one = await world()
  await one.workspace.clone(origin(files), never)
  const script =
    "git checkout -q -b x && echo x > a.txt && git commit -qam X && git checkout -q - && echo y > a.txt && git commit -qam Y && git merge x; true"
  await sh(one.sandbox, script, "origin")
  const before = await show(one.sandbox)
  expect(before).toContain("u UU")
  const { to } = await move(one)
  expect(await show(to.sandbox)).toBe(before)
  expect(
    await sh(to.sandbox, "echo z > a.txt && git commit -qam Merged && git log -1 --format=%P | wc -w", "origin"),
  ).toBe("2\n")
})

it("a detached HEAD, an empty repository and a file in a folder's place come back", async () => {
  const one = await world()
  await one.workspace.clone(origin(files), never)
  await sh(
    one.sandbox,
    "git commit -q --allow-empty -m A && git checkout -q --detach && rm -r b && echo b > b",
    "origin",
  )
  const empty = origin({}, "empty")
  rmSync(empty, { recursive: true })
  git("/", "init", "-q", "--bare", empty)
  await one.workspace.clone(empty, never)
  await sh(one.sandbox, "echo first > first && git add . && git commit -qm First && echo more > more", "empty")
  const before = [await show(one.sandbox), await show(one.sandbox, "empty")]
  const { to } = await move(one)
  expect([await show(to.sandbox), await show(to.sandbox, "empty")]).toEqual(before)
})

it("saves only what changed, and nothing where nothing did", async () => {
  const one = await world()
  await one.workspace.clone(origin(files), never)
  await one.workspace.clone(origin({ z: "1" }, "second"), never)
  const first = await saved(one)
  expect(first?.repositories.map((item) => item.name)).toEqual(["origin", "second"])
  await sh(one.sandbox, "git status; touch a.txt", "origin")
  expect(await saved(one)).toBeUndefined()
  await sh(one.sandbox, "echo 2 > z", "second")
  const second = await saved(one)
  expect(second?.repositories[0]).toEqual(first?.repositories[0])
  expect(second?.repositories[1]).not.toEqual(first?.repositories[1])
  await sh(one.sandbox, "git add z", "second")
  expect(await saved(one)).toBeDefined()
})

it("restores onto a repository that has moved on, and after the branch was pushed and deleted there", async () => {
  const bare = origin(files)
  const one = await world()
  await one.workspace.clone(bare, never)
  await sh(
    one.sandbox,
    "echo mine > mine && git add mine && git commit -qm Mine && git push -q && echo more > more",
    "origin",
  )
  const before = local(await show(one.sandbox))
  const entry = await saved(one)
  git(bare, "update-ref", "-d", `refs/heads/${one.gateway.branch}`)
  const tree = git(bare, "rev-parse", "main^{tree}").trim()
  git(bare, "update-ref", "refs/heads/main", git(bare, "commit-tree", tree, "-p", "main", "-m", "Elsewhere").trim())
  const to = await world({ sessionID: one.sessionID, files: one.files })
  await to.workspace.restore(entry?.repositories ?? [], never)
  expect(local(await show(to.sandbox))).toBe(before)
})

/** Without what git says about the server, which has changed. */
const local = (text: string) => text.replace(/^# branch[.](?:ab|upstream).*\n|^[\da-f]{40} Remote SWE .*\n/gm, "")

it("says in words that saved work cannot be brought back, and leaves no half of it", async () => {
  const bare = origin(files)
  const one = await world()
  await one.workspace.clone(bare, never)
  await sh(one.sandbox, "echo mine > mine && git add mine && git commit -qm Mine", "origin")
  const entry = await saved(one)
  const elsewhere = async () => {
    const to = await world({ sessionID: one.sessionID, files: one.files })
    const failure = to.workspace.restore(entry?.repositories ?? [], never)
    await expect(failure).rejects.toMatchObject({ code: "workspace.lost", kind: "conflict" })
    await expect(failure).rejects.toThrow(
      /^The saved work of origin cannot be restored onto .*\. It is kept in the file fil_/,
    )
    expect(await sh(to.sandbox, "ls -A")).toBe("")
  }
  // Its history was rewritten; then it is gone.
  git(bare, "update-ref", "refs/heads/main", git(bare, "commit-tree", "main^{tree}", "-m", "Rewritten").trim())
  git(bare, "-c", "gc.pruneExpire=now", "gc", "-q", "--prune=now")
  await elsewhere()
  rmSync(bare, { recursive: true })
  await elsewhere()
})

it("does not run what the repository's configuration names", async () => {
  const one = await world()
  await one.workspace.clone(origin(files), never)
  const script = [
    "echo '*.txt filter=evil diff=evil' > .git/info/attributes",
    "git config filter.evil.clean 'touch ../evil-clean; cat' && git config filter.evil.smudge 'touch ../evil-smudge; cat'",
    "git config core.fsmonitor 'touch ../evil-fsmonitor' && git config diff.evil.command 'touch ../evil-diff'",
    "git config diff.evil.textconv 'touch ../evil-textconv; cat'",
    "for hook in post-checkout pre-commit post-index-change pre-push; do printf '#!/bin/sh\\ntouch ../evil-hook\\n' > .git/hooks/$hook; chmod +x .git/hooks/$hook; done",
    "echo changed > a.txt; rm -f ../evil*",
  ]
  await sh(one.sandbox, script.join("\n"), "origin")
  await one.workspace.diff()
  const { to } = await move(one)
  const made = await sh(one.sandbox, "ls -d evil* 2>/dev/null")
  // Filters are the repository's own way to read its files; they run in the sandbox like any command.
  expect(made.split("\n").filter((name) => name && name !== "evil-clean")).toEqual([])
  expect(await sh(to.sandbox, "cat a.txt; ls -d ../evil* 2>/dev/null", "origin")).toBe("changed\n")
})

const name = fc.constantFrom(
  "a.txt",
  "b/c.txt",
  "b",
  "crlf.txt",
  "kept ignored",
  "new",
  "dir/x",
  "dir",
  "ü ñ.txt",
  "-dash",
  "ignored.log",
)
const text = fc.constantFrom(
  "",
  "1\n",
  "one\n",
  "no end",
  "a\r\nb\r\n",
  "mixed\r\nx\n",
  "\0binary\xff",
  "two\n",
  "x\r\ny\r\n",
)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("write"), name, text }) },
  fc.record({ type: fc.constantFrom("remove", "stage", "exec", "link", "unstage", "intent"), name }),
  fc.record({ type: fc.constantFrom("commit", "all", "stash", "branch", "back", "detach", "reset", "crlf") }),
)

function script(steps: readonly { type: string; name?: string; text?: string }[]) {
  const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`
  return steps.map(({ type, name = "", text = "" }) => {
    const path = quote(`./${name}`)
    const clear = `rm -rf ${path}; mkdir -p "$(dirname ${path})" 2>/dev/null`
    const octal = [...Buffer.from(text, "latin1")].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")
    const commands: Record<string, string> = {
      write: `${clear}; printf '${octal}' > ${path}`,
      remove: `rm -rf ${path}`,
      stage: `git add -A -- ${path}`,
      unstage: `git rm -r -q --cached -- ${path}`,
      intent: `git add -N -- ${path}`,
      exec: `chmod +x ${path}`,
      link: `${clear}; ln -s target ${path}`,
      commit: "git commit -q -m Commit",
      all: "git add -A; git commit -q -m All",
      stash: "git stash -q -u",
      branch: "git checkout -q -b branch-$RANDOM",
      back: "git checkout -q -",
      detach: "git checkout -q --detach",
      reset: "git reset -q --soft HEAD~1",
      crlf: "git config core.autocrlf true; echo '*.txt text eol=crlf' > .gitattributes",
    }
    return `{ ${commands[type]}; } >/dev/null 2>&1`
  })
}

it("whatever was done to a work tree, it comes back", { timeout: 600_000 }, async () => {
  const bare = origin(files)
  const shared = storage()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const one = await world({ files: shared })
      await one.workspace.clone(bare, never)
      await sh(one.sandbox, [...script(steps), "true"].join("\n"), "origin")
      const before = await show(one.sandbox)
      const { to } = await move(one)
      // What git was told about line ends is a setting and no content.
      execFileSync("git", ["config", "core.autocrlf", await autocrlf(one)], { cwd: join(to.sandbox.root, "origin") })
      expect(await show(to.sandbox)).toBe(before)
      await Promise.all([one.sandbox.close(), to.sandbox.close()])
    }),
    { numRuns: 12, endOnFailure: true },
  )
})

const autocrlf = async (from: World) =>
  (await sh(from.sandbox, "git config core.autocrlf || echo false", "origin")).trim()
