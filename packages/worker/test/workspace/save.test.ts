import { rmSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { Git } from "../../src/workspace/git.ts"
import { git, kinds, never, nothing, origin, saved, sh, world } from "../sandbox/world.ts"
import { look, move, summary } from "./look.ts"

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
    const before = await look(one.sandbox)
    const { to, entry } = await move(one)
    expect(await look(to.sandbox)).toBe(before)
    expect(entry?.repositories[0]).toMatchObject({ name: "origin", source: bare, base: "main" })
    expect(await saved(to)).toBeUndefined()
  })
})

it("a conflict in the middle of a merge comes back", async () => {
  const one = await world()
  await one.workspace.clone(origin(files), never)
  const script =
    "git checkout -q -b x && echo x > a.txt && git commit -qam X && git checkout -q - && echo y > a.txt && git commit -qam Y && git merge x; true"
  await sh(one.sandbox, script, "origin")
  const before = await look(one.sandbox)
  expect(before).toContain("u UU")
  const { to } = await move(one)
  expect(await look(to.sandbox)).toBe(before)
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
  const before = [await look(one.sandbox), await look(one.sandbox, "empty")]
  const { to } = await move(one)
  expect([await look(to.sandbox), await look(to.sandbox, "empty")]).toEqual(before)
})

it("the commit before a reset or a merge comes back where it is saved anyway, and is no reason to save again", async () => {
  const one = await world()
  await one.workspace.clone(origin(files), never)
  const last = "git rev-parse -q --verify ORIG_HEAD; git log -1 --format=%H side"
  await sh(one.sandbox, "git commit -q --allow-empty -m A; git branch side; git reset -q --hard HEAD~1", "origin")
  const [orig, side] = (await sh(one.sandbox, last, "origin")).split("\n")
  expect(orig).toBe(side)
  const { to } = await move(one)
  expect((await sh(to.sandbox, last, "origin")).split("\n")).toEqual([side, side, ""])
  expect(await saved(to)).toBeUndefined()
  await sh(to.sandbox, "git branch -q -D side; echo more > a.txt", "origin")
  const { to: third } = await move(to)
  expect(await sh(third.sandbox, "git rev-parse -q --verify ORIG_HEAD || echo none; cat a.txt", "origin")).toBe(
    "none\nmore\n",
  )
  expect(await saved(third)).toBeUndefined()
})

it("empty folders come back, whatever they are called and however many there are", async () => {
  const one = await world()
  await one.workspace.clone(origin({ ...files, "alien/ignored/.gitignore": "*" }), never)
  await sh(
    one.sandbox,
    "mkdir -p $'alien\\351'/empty/folder $'alien\\351/ignored\\351'/deep plain/one ignored/two; echo x > $'alien\\351'/x; mkdir -p many/{1..600}/in",
    "origin",
  )
  const before = await look(one.sandbox)
  const { to } = await move(one)
  expect(await look(to.sandbox)).toBe(before)
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

it("ten thousand files come back, and one more is soon saved", async () => {
  const one = await world()
  await one.workspace.clone(origin(files), never)
  const script = [
    "for n in {1..100}; do mkdir -p deep/$n; for m in {1..100}; do echo $n.$m > deep/$n/$m; done; done",
    "git add deep/{1..60} && git commit -qm Many && git add deep/{61..80}; rm -r deep/5; chmod +x deep/6/*",
    "mkdir -p ignored; for n in {1..500}; do echo $n > ignored/$n; done",
  ]
  await sh(one.sandbox, script.join("\n"), "origin")
  const before = await summary(one.sandbox)
  const { to, entry } = await move(one)
  expect(await summary(to.sandbox)).toBe(before)
  await sh(to.sandbox, "echo more > deep/7/7", "origin")
  const next = await saved(to)
  expect(next?.repositories[0]?.file.size).toBeLessThan((entry?.size ?? 0) / 20)
})

it("does not take part of what git says for all of it", async () => {
  const one = await world()
  const { path } = await one.workspace.clone(origin(files), never)
  // Where somebody has told git to say a lot, as it does of very many files.
  const run = Git.at(one.sandbox, path)
  const long = ["log", "-1", `--format=${"%<(16000)%s".repeat(Git.defaultLimit / 15_000)}`]
  await expect(run(long)).rejects.toMatchObject({ code: "git.large", kind: "large" })
  expect((await run(long, { limit: 100 })).truncated).toBe(true)
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
  const before = local(await look(one.sandbox))
  const entry = await saved(one)
  git(bare, "update-ref", "-d", `refs/heads/${one.gateway.branch}`)
  const tree = git(bare, "rev-parse", "main^{tree}").trim()
  git(bare, "update-ref", "refs/heads/main", git(bare, "commit-tree", tree, "-p", "main", "-m", "Elsewhere").trim())
  const to = await world({ sessionID: one.sessionID, files: one.files })
  await to.workspace.restore(entry ?? nothing, never)
  expect(local(await look(to.sandbox))).toBe(before)
})

/** Without what git says about the server, which has changed. */
const local = (text: string) => text.replace(/^# branch[.](?:ab|upstream).*\n|^[\da-f]{40} [\da-f]{40} .*\n/gm, "")

it("says in words that saved work cannot be brought back, and leaves no half of it", async () => {
  const bare = origin(files)
  const one = await world()
  await one.workspace.clone(bare, never)
  await sh(one.sandbox, "echo mine > mine && git add mine && git commit -qm Mine", "origin")
  const entry = await saved(one)
  const elsewhere = async () => {
    const to = await world({ sessionID: one.sessionID, files: one.files })
    const failure = to.workspace.restore(entry ?? nothing, never)
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
    "git config filter.evil.clean 'touch ~/evil-clean; cat' && git config filter.evil.smudge 'touch ~/evil-smudge; cat'",
    "git config core.fsmonitor 'touch ~/evil-fsmonitor' && git config diff.evil.command 'touch ~/evil-diff'",
    "git config diff.evil.textconv 'touch ~/evil-textconv; cat'",
    "for hook in post-checkout pre-commit post-index-change pre-push; do printf '#!/bin/sh\\ntouch ~/evil-hook\\n' > .git/hooks/$hook; chmod +x .git/hooks/$hook; done",
    "echo changed > a.txt; rm -f ~/evil*",
  ]
  await sh(one.sandbox, script.join("\n"), "origin")
  await one.workspace.diff()
  const { to } = await move(one)
  const made = await sh(one.sandbox, "cd && ls -d evil* 2>/dev/null")
  // Filters are the repository's own way to read its files; they run in the sandbox like any command.
  expect(made.split("\n").filter((name) => name && name !== "evil-clean")).toEqual([])
  expect(await sh(to.sandbox, "cat a.txt; ls -d ~/evil* 2>/dev/null", "origin")).toBe("changed\n")
})
