import { diffLimit } from "@remote-swe/core/protocol/schema"
import { expect, it } from "vitest"
import { parse } from "../../src/workspace/diff.ts"
import { git, never, origin, sh, saved, world } from "../sandbox/world.ts"

async function open(files: Record<string, string>) {
  const session = await world()
  await session.workspace.clone(origin(files), never)
  const diff = async () => {
    const [item] = (await session.workspace.diff()).repositories
    if (!item) throw new Error("There is no diff")
    return item
  }
  return { ...session, diff }
}

const long = Array.from({ length: 50 }, (_, at) => `line ${at}\n`).join("")

it("shows commits, what is staged, what is not, and new files, with renames", async () => {
  const { sandbox, diff } = await open({ "a.txt": "one\n", "old name": long, gone: "x\n", ".gitignore": "ignored\n" })
  const none = await diff()
  expect(none).toMatchObject({ name: "origin", base: "main", changes: [], patch: "", truncated: false })
  await sh(
    sandbox,
    [
      "echo two > b.txt && git add b.txt && git commit -qm B",
      "echo staged >> a.txt && git add a.txt && echo unstaged >> a.txt",
      "mv 'old name' 'new\tname' && rm gone && printf 'a\\0' > bin && echo x > ignored && mkdir d && echo ü > 'd/\"q\".txt'",
    ].join("\n"),
    "origin",
  )
  const before = await sh(sandbox, "git status --porcelain; git ls-files -s", "origin")
  const { changes, patch, head } = await diff()
  expect(changes).toEqual([
    { path: "a.txt", status: "modified", additions: 2, deletions: 0 },
    { path: "b.txt", status: "added", additions: 1, deletions: 0 },
    { path: "bin", status: "added", additions: 0, deletions: 0 },
    { path: 'd/"q".txt', status: "added", additions: 1, deletions: 0 },
    { path: "gone", status: "deleted", additions: 0, deletions: 1 },
    { path: "new\tname", status: "renamed", additions: 0, deletions: 0 },
  ])
  expect(patch).toContain("+unstaged")
  expect(patch).toContain("rename from old name")
  expect(patch).toContain("Binary files /dev/null and b/bin differ")
  expect(head).toBe((await sh(sandbox, "git rev-parse HEAD", "origin")).trim())
  // Looking changes nothing.
  expect(await sh(sandbox, "git status --porcelain; git ls-files -s", "origin")).toBe(before)
})

it("sees a change of the same size within the second of the clone", async () => {
  const { sandbox, diff } = await open({ "main.ts": "answer = 41\n" })
  await sh(
    sandbox,
    [
      "git config core.trustctime false && touch -d @1700000000 main.ts && git update-index --refresh",
      "echo 'answer = 42' > main.ts && touch -d @1700000000 main.ts .git/index",
    ].join("\n"),
    "origin",
  )
  expect((await diff()).changes).toEqual([{ path: "main.ts", status: "modified", additions: 1, deletions: 1 }])
})

it("is bounded, however much there is", async () => {
  const { sandbox, diff } = await open({ a: "" })
  await sh(sandbox, "seq 1 2000000 > big; for i in $(seq 1 1200); do echo $i > f$i; done", "origin")
  const item = await diff()
  expect(item.truncated).toBe(true)
  expect(item.patch.length).toBeLessThanOrEqual(diffLimit)
  expect(item.changes.length).toBe(1_000)
})

it("starts from where the default branch was, also when the session's branch exists already", async () => {
  const { sandbox, workspace, diff, sessionID } = await open({ a: "1\n" })
  await sh(sandbox, "echo 2 > a && git commit -qam Two && git push -q", "origin")
  const bare = workspace.repositories[0]?.source ?? ""
  const again = await world({ sessionID })
  const repository = await again.workspace.clone(bare, never)
  expect(repository.baseCommit).toBe(git(bare, "rev-parse", "main").trim())
  expect((await again.workspace.diff()).repositories[0]?.changes).toEqual((await diff()).changes)
})

it("goes on when a repository was removed", async () => {
  const { sandbox, workspace } = await open({ a: "1\n" })
  const first = await saved({ workspace })
  await sh(sandbox, "rm -rf origin")
  expect(await workspace.diff()).toEqual({ repositories: [] })
  expect(await saved({ workspace })).toBeUndefined()
  await workspace.clone(origin({ b: "" }, "second"), never)
  const { repositories = [] } = (await saved({ workspace })) ?? {}
  expect(repositories.map((item) => item.name)).toEqual(["origin", "second"])
  expect(repositories[0]).toEqual(first?.repositories[0])
})

it("reads what git prints", () => {
  const fields = [
    ":100644 100644 a b M",
    "x",
    ":100644 000000 a b D",
    "y",
    ":100644 100644 a b R087",
    "p",
    "q",
    "1\t2\tx",
    "-\t-\ty",
    "3\t4\t",
    "p",
    "q",
  ]
  expect(parse(fields)).toEqual([
    { path: "x", status: "modified", additions: 1, deletions: 2 },
    { path: "y", status: "deleted", additions: 0, deletions: 0 },
    { path: "q", status: "renamed", additions: 3, deletions: 4 },
  ])
})
