// npm run infra: SST's platform, types, the program under mocks, its checks, and proof that they notice.
// npm run infra -- types: writes sst-env.d.ts from the program's links.
// npm run infra -- bundles: builds what a deployment would upload, for whoever wants to run it. See bundles.ts.
import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import path from "node:path"
import type { Bundles } from "./harness/result.ts"
import { root, work } from "./harness/place.ts"
import { type SceneName, scenes } from "./scenes.ts"

const [wanted = "test"] = process.argv.slice(2)
const bin = (name: string) => path.join(root, "node_modules", ".bin", name)

install()
if (wanted === "bundles") await writeBundles()
else if (wanted === "types") {
  await evaluateAll()
  await writeTypes()
} else {
  step("types of the program", bin("tsc"), ["-p", root])
  step("types of its tests", bin("tsc"), ["-p", path.join(root, "infra", "test")])
  await evaluateAll()
  test()
}

/** Brings SST's platform and the providers. The command would else fetch a Pulumi engine, which nothing here needs. */
function install() {
  const home = path.join(root, ".cache", "xdg")
  const tools = path.join(home, "sst", "bin")
  mkdirSync(tools, { recursive: true })
  rmSync(path.join(tools, "bun"), { force: true })
  symlinkSync(path.join(root, "node_modules", "bun", "bin", "bun.exe"), path.join(tools, "bun"))
  step("sst install", bin("sst"), ["install"], {
    XDG_CONFIG_HOME: home,
    SST_SKIP_DEPENDENCY_CHECK: "1",
    SST_TELEMETRY_DISABLED: "1",
    SST_STAGE: "ci",
    // It would ask the metadata address for credentials.
    AWS_EC2_METADATA_DISABLED: "true",
  })
}

async function evaluateAll() {
  // Not before the platform is there.
  const { bundle } = await import("./harness/bundle.ts")
  const bundles = await bundle()
  for (const name of Object.keys(scenes) as SceneName[]) await evaluateOne(name, bundles)
}

async function evaluateOne(name: SceneName, bundles: Bundles) {
  const { evaluate } = await import("./harness/evaluate.ts")
  const start = Date.now()
  const result = await evaluate(name, scenes[name], bundles)
  say(`${name}: ${result.resources.length} resources, ${Date.now() - start} ms`)
  if (result.errors.length > 0) end(result.errors.join("\n"))
}

function test() {
  const report = path.join(work, "report.json")
  rmSync(report, { force: true })
  const config = path.join(root, "infra", "test", "vitest.config.ts")
  const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs")
  const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${report}`]
  const { status } = spawnSync(process.execPath, [vitest, "run", "--config", config, ...reporters], {
    cwd: root,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "inherit", "inherit"],
  })
  const { numPassedTests: passed, numFailedTests } = JSON.parse(readFileSync(report, "utf8"))
  // A file that cannot be loaded fails without a failed test.
  const failed = numFailedTests === 0 && status !== 0 ? 1 : numFailedTests
  if (failed === 0) figures()
  say(`${passed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}

function figures() {
  const { resources, statements, assertions, mutations } = JSON.parse(
    readFileSync(path.join(work, "figures.json"), "utf8"),
  )
  say(
    `${resources} resources in ${Object.keys(scenes).length} deployments, ${statements} IAM statements, ` +
      `${assertions} assertions, ${mutations} mutations noticed`,
  )
}

async function writeTypes() {
  const { declaration } = await import("./types.ts")
  const { recorded } = await import("./recorded.ts")
  writeFileSync(path.join(root, "sst-env.d.ts"), declaration(recorded()))
  say("Wrote sst-env.d.ts")
}

async function writeBundles() {
  const { write } = await import("./bundles.ts")
  say(`Wrote ${path.relative(root, await write())}`)
}

function step(name: string, command: string, args: string[], env: Record<string, string> = {}) {
  const start = Date.now()
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: "utf8",
  })
  if (status !== 0) end(`${name} failed:\n${error ?? ""}${stdout}${stderr}`)
  say(`${name}: ok, ${Date.now() - start} ms`)
}

function say(text: string) {
  process.stdout.write(`${text}\n`)
}

function end(text: string): never {
  say(text)
  say("0 passed, 1 failed")
  process.exit(1)
}
