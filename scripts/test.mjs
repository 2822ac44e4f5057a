// node scripts/test.mjs [arguments of vitest]: installs what is missing, runs the tests on the pinned
// Node, and ends with one line: N passed, N failed, N skipped.
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import path from "node:path"
import { install, node, root } from "./install.mjs"

install()

const folder = mkdtempSync(path.join(tmpdir(), "remote-swe-test-"))
const report = path.join(folder, "report.json")
const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs")
/** Tests wait for servers and processes more than they compute. */
const width = `--maxWorkers=${Math.max(3, availableParallelism() - 1)}`
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`]

const child = spawn(node, [vitest, "run", width, ...reporters, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ["ignore", "inherit", "inherit"],
})
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
child.on("error", (error) => {
  process.stderr.write(`${error.message}\n`)
  finish(1)
})
child.on("exit", (code) => finish(code ?? 1))

function finish(code) {
  const { passed, failed, skipped } = count(code)
  rmSync(folder, { recursive: true, force: true })
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  process.exit(failed > 0 ? 1 : code)
}

/** A file that could not be loaded, and a run that failed without a failed test, count as one failure each. */
function count(code) {
  const result = read()
  const tests = result.testResults.flatMap((file) => file.assertionResults)
  const number = (...statuses) => tests.filter((test) => statuses.includes(test.status)).length
  const broken = result.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length
  const failed = number("failed") + broken
  return {
    passed: number("passed"),
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: number("pending", "skipped", "todo", "disabled"),
  }
}

function read() {
  try {
    return JSON.parse(readFileSync(report, "utf8"))
  } catch (error) {
    process.stderr.write(`The test runner left no report: ${error.message}\n`)
    return { testResults: [] }
  }
}
