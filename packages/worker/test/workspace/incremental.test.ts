import { randomBytes } from "node:crypto"
import { rmSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { linksOf } from "@remote-swe/core/log/schema"
import { Workspace } from "../../src/workspace/index.ts"
import { Chain } from "../../src/workspace/chain.ts"
import { git, never, nothing, origin, saved, sh, store, world, type World } from "../sandbox/world.ts"
import { look, move } from "./look.ts"

const noise = (bytes: number) => randomBytes(bytes).toString("hex").slice(0, bytes)
const files = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`folder/${at % 7}/${at}.txt`, noise(3_000)]))
const first = (entry: Workspace.Saved | undefined) => {
  const [repository] = entry?.repositories ?? []
  if (!repository) throw new Error("Nothing was saved")
  return repository
}

/** Another worker process in the same folder. */
async function restarted(before: World, entry: Workspace.Saved | undefined): Promise<World> {
  const { sandbox, gateway, files } = before
  const workspace = await Workspace.open({ sandbox, gateway, files })
  await workspace.restore(entry ?? nothing, never)
  return { ...before, workspace }
}

async function start(options: Parameters<typeof world>[0] = {}) {
  const one = await world(options)
  await one.workspace.clone(origin(files), never)
  return one
}

describe("a snapshot", () => {
  it("has what is new since the one before, in any folder, and the log names the whole chain", async () => {
    const one = await start()
    const whole = first(await saved(one))
    // Nothing but the index: the origin has all the rest.
    expect(whole.file.size).toBeLessThan(6_000)
    await sh(one.sandbox, `echo more >> folder/3/3.txt; printf ${noise(20_000)} > new`, "origin")
    const second = first(await saved(one))
    expect(second.file.size).toBeGreaterThan(10_000)
    expect(second.file.size).toBeLessThan(20_000)
    await sh(one.sandbox, "echo more >> new; git add -A && git commit -qm All", "origin")
    const third = await saved(one)
    expect(first(third).file.size).toBeLessThan(4_000)
    expect(linksOf(first(third))).toEqual([whole.file, second.file, first(third).file])
    expect(third?.size).toBe(linksOf(first(third)).reduce((sum, { size }) => sum + size, 0))
    const before = await look(one.sandbox)
    const to = await world({ sessionID: one.sessionID, files: one.files })
    await to.workspace.restore(third ?? nothing, never)
    expect(await look(to.sandbox)).toBe(before)
  })

  it("goes on with the chain on another machine, and after the worker was started again", async () => {
    const one = await start()
    const entry = await saved(one)
    const again = await restarted(one, entry)
    expect(await saved(again)).toBeUndefined()
    await sh(one.sandbox, "echo 1 > one", "origin")
    const { to, entry: second } = await move(again)
    await sh(to.sandbox, "echo 2 > two", "origin")
    const third = first(await saved(to))
    expect(linksOf(third)).toEqual([...linksOf(first(entry)), first(second).file, third.file])
  })

  it("begins a new chain after ten links", async () => {
    const one = await start()
    const lengths: number[] = []
    for (let at = 0; at < 12; at++) {
      await sh(one.sandbox, `echo ${at} > new`, "origin")
      lengths.push(linksOf(first(await saved(one))).length)
    }
    expect(lengths).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, Chain.longest, 1, 2])
  })

  it("is whole, and has as few links as can be, whatever happened to its own notes", async () => {
    const one = await start()
    for (const [damage, links] of [
      ['rm -rf "$HOME/.remote-swe"', 1],
      ['find "$HOME/.remote-swe" -path "*/objects/??/*" -exec rm -f {} +', 1],
      ['echo rubbish > "$HOME/.remote-swe/origin.git/index"', 1],
      ['for name in index refs/remote-swe/save; do touch "$HOME/.remote-swe/origin.git/$name.lock"; done', 2],
    ] as const) {
      await sh(one.sandbox, `${damage}; echo '${noise(9)}' > new`, "origin")
      const before = await look(one.sandbox)
      const { to, entry } = await move(one)
      expect(linksOf(first(entry)), damage).toHaveLength(links)
      expect(await look(to.sandbox)).toBe(before)
    }
  })

  it("counts as saved when it is in the log, and not before", async () => {
    const one = await start()
    const failing = one.workspace.save(() => Promise.reject(new Error("no log")), { signal: never, patient: false })
    await expect(failing).rejects.toThrow("no log")
    const entry = await saved(one)
    expect(linksOf(first(entry))).toHaveLength(1)
    await sh(one.sandbox, "echo 1 > one", "origin")
    await expect(
      one.workspace.save(() => Promise.reject(new Error("no log")), { signal: never, patient: false }),
    ).rejects.toThrow("no log")
    expect(linksOf(first(await saved(one)))).toEqual([first(entry).file, expect.anything()])
  })

  it("is given up when there is no more time, and made the next time", async () => {
    const one = await start()
    const late = AbortSignal.abort()
    await expect(one.workspace.save(async () => undefined, { signal: late, patient: false })).rejects.toThrow("abort")
    expect(await saved(one)).toBeDefined()
  })

  it("of a repository that does not stand still is left for another time, or made all the same at the end", async () => {
    const one = await start()
    await sh(one.sandbox, "git branch a && git branch b HEAD", "origin")
    const run = one.sandbox.run
    let commits = 0
    // Whenever the files have been looked at, somebody commits.
    one.sandbox.run = async (program, signal) => {
      if (program.args.includes("write-tree"))
        await run({
          args: ["git", "commit", "-q", "--allow-empty", "-m", `${commits++}`],
          cwd: `${one.sandbox.root}/origin`,
        })
      return run(program, signal)
    }
    const { saved: none, problems } = await store(one, true)
    expect(none).toBeUndefined()
    expect(problems).toEqual([{ name: "origin", type: "moved" }])
    expect((await store(one)).saved).toBeDefined()
    one.sandbox.run = run
  })

  it("keeps the others when one repository cannot be saved", async () => {
    const one = await start()
    await one.workspace.clone(origin({ z: "1" }, "second"), never)
    await sh(one.sandbox, "echo rubbish > .git/index; echo 'ref: refs/heads/../x' > .git/HEAD", "origin")
    const { saved: entry, problems, failed } = await store(one)
    expect(entry?.repositories.map(({ name }) => name)).toEqual(["second"])
    expect(problems.map(({ name, type }) => [name, type])).toEqual([
      ["origin", "failed"],
      ["second", "partial"],
    ])
    expect(failed).toBeInstanceOf(Error)
  })
})

it("a copy of a session has the work on its own branch", async () => {
  const one = await start()
  await sh(one.sandbox, "echo 1 > one && git add one && git commit -qm One && git push -q && echo 2 > two", "origin")
  const entry = await saved(one)
  const fork = await world({ files: one.files })
  await fork.workspace.restore(entry ?? nothing, never)
  const branch = fork.gateway.branch
  expect(branch).not.toBe(one.gateway.branch)
  expect(await sh(fork.sandbox, "git status --porcelain --branch", "origin")).toMatch(`## ${branch}`)
  expect(await sh(fork.sandbox, "git branch --format='%(refname:short)'", "origin")).toBe(`main\n${branch}\n`)
  expect(await sh(fork.sandbox, "git push -q && git log -1 --format=%s @{push}", "origin")).toBe("One\n")
  // A worker that is started again finds it, with what was done since.
  await sh(fork.sandbox, "echo 3 > three", "origin")
  const again = await restarted(fork, entry)
  expect(await sh(again.sandbox, "ls", "origin")).toContain("three")
})

it("needs of the origin only where the work began, and finds that also when no branch leads there any more", async () => {
  const one = await start()
  const [bare] = one.workspace.repositories.map(({ source }) => source)
  await sh(one.sandbox, "echo 1 > one && git add one && git commit -qm One", "origin")
  const entry = await saved(one)
  const before = await sh(one.sandbox, "git log --format=%H; cat one", "origin")
  git(bare ?? "", "update-ref", "refs/heads/main", git(bare ?? "", "commit-tree", "main^{tree}", "-m", "Again").trim())
  const to = await world({ sessionID: one.sessionID, files: one.files })
  await to.workspace.restore(entry ?? nothing, never)
  expect(await sh(to.sandbox, "git log --format=%H; cat one", "origin")).toBe(before)
  rmSync(bare ?? "", { recursive: true })
})
