import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, test } from "vitest"

test("a program that is launched says what it has to say, and nothing of Node's experiments", async () => {
  const program = 'console.log(require("node:module").stripTypeScriptTypes("1 as number").trim())'
  const launch = `import { launch } from "./scripts/launch.mjs"; launch(["-e", ${JSON.stringify(program)}])`
  const root = new URL("../..", import.meta.url)
  const said = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", launch], { cwd: root })
  expect(said).toMatchObject({ stdout: expect.stringMatching(/^1/), stderr: "" })
})
