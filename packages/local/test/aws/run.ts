/** `npm run test:aws`: what core and the API say to AWS, said to moto. Arguments go to vitest. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import path from "node:path"
import { missing, start } from "./moto.ts"

const problem = missing()
if (problem) {
  process.stderr.write(`${problem}\n`)
  process.stdout.write("0 passed, 0 failed, 1 skipped\n")
  process.exit(0)
}

const root = path.resolve(import.meta.dirname, "../../../..")
const moto = await start()
const config = path.join(import.meta.dirname, "vitest.config.ts")
const tests = spawn(
  process.execPath,
  [path.join(root, "scripts/test.mjs"), "--config", config, ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit", env: { ...process.env, TEST_AWS_ENDPOINT: moto.url } },
)
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => tests.kill(signal))
const [code] = await once(tests, "exit")
moto.stop()
process.exitCode = typeof code === "number" ? code : 1
