import { randomBytes } from "node:crypto"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { folder, git, never, nothing, origin, saved, sh, store, world } from "../sandbox/world.ts"
import { look, move } from "./look.ts"

/** A repository that has another one as a submodule, at an address beside its own. */
function parent(sub: string) {
  const bare = origin({ a: "1\n" }, "parent")
  const work = join(folder(), "work")
  git("/", "clone", "-q", bare, work)
  git(work, "-c", "protocol.file.allow=always", "submodule", "add", "-q", sub, "lib/sub")
  git(work, "config", "-f", ".gitmodules", "submodule.lib/sub.url", "../sub.git")
  git(work, "commit", "-qam", "Add it")
  git(work, "push", "-q", "origin", "main")
  return bare
}

const work = [
  "echo mine > mine && git add mine && git commit -qm Mine && git tag -a -m Note note",
  "echo staged > file && git add file && echo unstaged > file && echo new > new && mkdir empty",
].join("\n")

const file = "-c protocol.file.allow=always"

describe("a submodule", () => {
  it("comes back with its commits, index and files, though its origin cannot be reached", async () => {
    const sub = origin({ file: "1\n" }, "sub")
    const one = await world()
    await one.workspace.clone(parent(sub), never)
    await sh(
      one.sandbox,
      `git config submodule.lib/sub.url "${sub}" && git ${file} submodule update -q --init`,
      "parent",
    )
    await sh(one.sandbox, `git checkout -q -b work\n${work}`, "parent/lib/sub")
    const before = await look(one.sandbox, "parent")
    expect(before).toContain("gitdir: ../../.git/modules/lib/sub")
    rmSync(sub, { recursive: true })
    const { to } = await move(one)
    expect(await look(to.sandbox, "parent")).toBe(before)
    expect(await sh(to.sandbox, "git submodule status | cut -c1", "parent")).toBe("+\n")
    expect(await saved(to)).toBeUndefined()
  })

  it("is fetched again where its origin is another repository of the session, and only what is new is saved", async () => {
    const large = randomBytes(300_000).toString("base64")
    const sub = origin({ file: "1\n", large }, "sub")
    const one = await world()
    await one.workspace.clone(parent(sub), never)
    await one.workspace.clone(sub, never)
    await sh(one.sandbox, "git submodule update -q --init", "parent")
    await sh(one.sandbox, `git checkout -q -b work\n${work}`, "parent/lib/sub")
    const before = await look(one.sandbox, "parent")
    expect(before).toContain("refs/remotes/origin/main")
    const { to, entry } = await move(one)
    expect(entry?.size).toBeLessThan(20_000)
    expect(await look(to.sandbox, "parent")).toBe(before)
    expect(await sh(to.sandbox, "git fetch && git -C lib/sub fetch && echo fetched", "parent")).toContain("fetched")
    expect(await saved(to)).toBeUndefined()
  })

  it("that was never fetched stays an empty folder", async () => {
    const one = await world()
    await one.workspace.clone(parent(origin({}, "sub")), never)
    const before = await look(one.sandbox, "parent")
    expect(before).toContain("d ./lib/sub")
    const { to } = await move(one)
    expect(await look(to.sandbox, "parent")).toBe(before)
  })
})

describe("a repository inside", () => {
  it("comes back with those inside it, and what was made in it since", async () => {
    const [other, long] = [origin({ file: "1\n" }, "other"), origin({ file: "2\n" }, "long")]
    const more = git(long, "commit-tree", "main^{tree}", "-p", "main", "-m", "More").trim()
    git(long, "update-ref", "refs/heads/main", more)
    const one = await world()
    await one.workspace.clone(origin({ a: "1\n" }), never)
    const script = `git clone -q "${other}" in/ner && git clone -q --depth 1 "file://${long}" in/ner/shallow`
    await sh(one.sandbox, script, "origin")
    await sh(one.sandbox, work, "origin/in/ner")
    const first = await saved(one)
    await sh(one.sandbox, "git stash -q -u; git init -q deep; echo x > deep/x; git -C deep add x", "origin/in/ner")
    const before = await look(one.sandbox)
    const { to, entry } = await move(one)
    expect(entry?.repositories[0]?.earlier).toEqual([first?.repositories[0]?.file])
    expect(await look(to.sandbox)).toBe(before)
    expect(await sh(to.sandbox, "git rev-parse --is-shallow-repository", "origin/in/ner/shallow")).toBe("true\n")
    // What was not there before is not taken for what is: a link would not bring it.
    await sh(to.sandbox, "git fetch -q --unshallow", "origin/in/ner/shallow")
    await sh(to.sandbox, "rm -rf in/ner/.git", "origin")
    const { to: last } = await move(to)
    expect(await sh(last.sandbox, "git log --format=%s", "origin/in/ner/shallow")).toBe("More\nBegin\n")
  })

  it("is left out with a word where its history is too large, or git cannot read it", async () => {
    const other = origin({ large: randomBytes(300_000).toString("base64") }, "other")
    const one = await world({ limits: { history: 100_000 } })
    await one.workspace.clone(origin({ a: "1\n" }), never)
    await sh(
      one.sandbox,
      [
        `git clone -q "${other}" large && echo x > large/x`,
        "mkdir broken && echo rubbish > broken/.git",
        "mkdir -p odd/.git/objects odd/.git/refs && echo 'ref: refs/heads/main' > odd/.git/HEAD && printf '[x' > odd/.git/config",
        "git init -q --object-format=sha256 new && git -C new commit -q --allow-empty -m Other",
        "git branch side && git worktree add -q ../linked side && git worktree add -q tree && echo x > tree/x",
        "git init -q --separate-git-dir ../away away && git -C away commit -q --allow-empty -m Away; echo y > y",
      ].join("\n"),
      "origin",
    )
    const { saved: entry, problems } = await store(one)
    const strangers = problems.flatMap((problem) => (problem.type === "partial" ? problem.strangers : []))
    expect(Object.fromEntries(strangers.map(({ path, why }) => [path, why]))).toEqual({
      large: "large",
      odd: "broken",
      new: "format",
      tree: "worktree",
      away: "elsewhere",
      "../linked": "worktree",
    })
    expect(entry?.size).toBeLessThan(20_000)
    const to = await world({ sessionID: one.sessionID, files: one.files })
    await to.workspace.restore(entry ?? nothing, never)
    expect(await sh(to.sandbox, "ls; git branch --format='%(refname:short)'", "origin")).toMatch(
      /^a\nbroken\ny\nmain\n.*side\ntree\n$/s,
    )
  })
})
