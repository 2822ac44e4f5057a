import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Identifier } from "@remote-swe/core/identifier"
import fc from "fast-check"
import { expect, it } from "vitest"
import { folder, never, origin, storage, world } from "../sandbox/world.ts"
import { look } from "./look.ts"

const main = fileURLToPath(new URL("./victim.ts", import.meta.url))

/** More than a save does one after the other. */
const most = 60

/** A worker, and how it ended. */
async function work(dir: string, cloud: string, source: string, sessionID: string, dies = 0) {
  const args = [main, dir, cloud, source, sessionID, String(dies)]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] })
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null]
  return signal ?? code
}

it(
  "killed at any point while it saves, a worker leaves what was saved before, and the next goes on",
  { timeout: 3_600_000 },
  async () => {
    const source = origin({ a: "1\n", b: "2\n", "c/d": "3\n" })
    const ends = new Set<unknown>()
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: most }), async (dies) => {
        const [dir, cloud] = [join(folder(), "session"), folder()]
        const sessionID = Identifier.create("session")
        ends.add(await work(dir, cloud, source, sessionID, dies))
        await expectRestored(cloud, sessionID)
        expect(await work(dir, cloud, source, sessionID)).toBe(0)
        await expectRestored(cloud, sessionID)
      }),
      {
        numRuns: Math.max(3, Number(process.env["PROPERTY_RUNS"] ?? 0)),
        endOnFailure: !!process.env["PROPERTY_QUICK"],
      },
    )
    expect(ends).toContain("SIGKILL")
  },
)

/** On another machine, what the log says can be brought back, and is what it was. */
async function expectRestored(cloud: string, sessionID: string) {
  const { saved, state } = JSON.parse(readFileSync(join(cloud, "log.json"), "utf8"))
  const files = { ...storage(), get: async ({ id }: { id: string }) => readFileSync(join(cloud, id)) }
  const to = await world({ sessionID, files })
  await to.workspace.restore(saved, never)
  expect(await look(to.sandbox)).toBe(state)
}
