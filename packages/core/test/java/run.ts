/** `npm run test:java`: the tests of the log on Amazon's DynamoDB Local instead of dynalite. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import path from "node:path"
import { missing, start } from "./server.ts"

const problem = missing()
if (problem) {
  process.stderr.write(`${problem}\n`)
  process.exit(1)
}

const root = path.resolve(import.meta.dirname, "../../../..")
const server = await start()
const tests = spawn(
  process.execPath,
  [path.join(root, "scripts/test.mjs"), "--config", path.join(root, "packages/core/vitest.config.ts"), "test/log"],
  { cwd: root, stdio: "inherit", env: { ...process.env, TEST_DYNAMODB_ENDPOINT: server.url } },
)
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => tests.kill(signal))
const [code] = await once(tests, "exit")
server.stop()
process.exitCode = typeof code === "number" ? code : 1
