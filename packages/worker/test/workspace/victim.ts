import { randomUUID } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Identifier } from "@remote-swe/core/identifier"
import { Gateway } from "../../src/git/gateway.ts"
import { Sandbox } from "../../src/sandbox/index.ts"
import { Workspace } from "../../src/workspace/index.ts"
import { script as looking } from "./looking.ts"

/**
 * A worker that saves its work, twice, and kills itself on the way: as it begins what it does as the n-th
 * thing after the first save. A bucket and a log are folders; what is in the log is there as a whole.
 */
const [dir = "", cloud = "", source = "", sessionID = "", dies = "0"] = process.argv.slice(2)
const log = join(cloud, "log.json")
const never = new AbortController().signal

const gateway = await Gateway.open({ branch: Workspace.branch(sessionID), credential: async () => ({}), forbidden: [] })
const inner = await Sandbox.open({ dir, kind: "none" })
let left = Infinity

/** Counts down, and is dead when nothing is left: while it is being done, as nobody waits for it. */
function counted<Args extends unknown[], Result>(work: (...args: Args) => Result) {
  return (...args: Args): Result => {
    const result = work(...args)
    if (--left === 0) setImmediate(() => process.kill(process.pid, "SIGKILL"))
    return result
  }
}

const sandbox: Sandbox.Info = {
  ...inner,
  run: counted(inner.run),
  readFile: counted(inner.readFile),
  writeFile: counted(inner.writeFile),
  inspect: counted(inner.inspect),
}

mkdirSync(cloud, { recursive: true })
const workspace = await Workspace.open({
  sandbox,
  gateway,
  files: {
    put: counted(async (name, type, bytes) => {
      const id = Identifier.create("file")
      writeFileSync(join(cloud, id), bytes)
      return { id, name, type, size: bytes.length }
    }),
    get: async (file) => readFileSync(join(cloud, file.id)),
  },
})

const sh = async (script: string) =>
  (await inner.exec({ script, cwd: "origin", timeoutMs: 60_000, silenceMs: 60_000 }, never)).text

/** The commit point. */
async function append(saved: Workspace.Saved, state: string) {
  const path = join(cloud, randomUUID())
  writeFileSync(path, JSON.stringify({ saved, state }))
  renameSync(path, log)
}

async function save() {
  const state = await sh(looking)
  const problems = await workspace.save(
    counted(async (saved) => append(saved, state)),
    { signal: never, patient: false },
  )
  const failed = problems.find((problem) => problem.type === "failed")
  if (failed?.type === "failed") throw failed.error
}

if (existsSync(log)) await workspace.restore(JSON.parse(readFileSync(log, "utf8")).saved, never)
else await workspace.clone(source, never)
await save()
left = Number(dies) || Infinity
await sh(
  "echo more >> a; echo new > new-$RANDOM; git add -A; git commit -qm More; echo x > b; git tag t-$RANDOM; chmod 600 b",
)
await save()
process.exit(0)
