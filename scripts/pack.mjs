// node scripts/pack.mjs <handler>: packs a function of the cloud, such as packages/functions/src/queue/handler.ts, as a
// deployment uploads it: one bundle.mjs. Says in which folder. Does nothing where it was packed from just these sources.
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { fingerprint } from "./build.mjs"
import { fail, root } from "./install.mjs"

const sources = ["bun.lock", "packages/core/src", "packages/functions/src", "packages/slack/src", "scripts"]

/** Libraries of schemas that a library of ours would find, had we any of them. */
const absent = /^(?:zod|zod-to-json-schema|effect|sury)(?:\/|$)/

async function pack(entry, folder) {
  const { rolldown } = await import("rolldown")
  const { lean, versionOnly } = await import("./lean.mjs")
  const bundle = await rolldown({
    input: { bundle: path.join(root, entry) },
    platform: "node",
    external: absent,
    // What can be shaken: the AWS SDK's packages give CommonJS to whoever asks for `node` alone.
    resolve: { conditionNames: ["module", "import", "default"], mainFields: ["module", "main"] },
    plugins: [lean, versionOnly],
    checks: { pluginTimings: false },
    onLog(level, log, handle) {
      if (log.code === "UNRESOLVED_IMPORT") throw new Error(log.message)
      handle(level, log)
    },
  })
  // In one piece: in several, CommonJS that is needed by two of them may be run before it is there.
  await bundle.write({ file: path.join(folder, "bundle.mjs"), format: "esm", minify: true, codeSplitting: false })
  await bundle.close()
}

const [entry] = process.argv.slice(2)
if (!entry || !existsSync(path.join(root, entry))) fail("Usage: node scripts/pack.mjs <handler>")
const name = createHash("sha256").update(entry).digest("hex").slice(0, 12)
const folder = path.join(root, ".cache", "function", name)
const stamp = `${folder}.packed-from`
const wanted = fingerprint(entry, sources)
if (!existsSync(folder) || !existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  const fresh = `${folder}.${process.pid}`
  mkdirSync(path.dirname(folder), { recursive: true })
  rmSync(stamp, { force: true })
  await pack(entry, fresh)
  rmSync(folder, { recursive: true, force: true })
  renameSync(fresh, folder)
  writeFileSync(stamp, wanted)
}
process.stdout.write(`${folder}\n`)
