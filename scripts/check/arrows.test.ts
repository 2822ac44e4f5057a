import { execFile } from "node:child_process"
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, expect, test } from "vitest"

/** A small tree of the same shape: the parts, and stand-ins for the libraries that the rules name. */
const tree = {
  "packages/core/package.json": JSON.stringify({
    name: "@remote-swe/core",
    exports: {
      "./*": "./src/*/index.ts",
      "./*/schema": "./src/*/schema.ts",
      "./session/fold": "./src/session/fold.ts",
    },
    dependencies: { electrodb: "*", "@aws-sdk/client-s3": "*", valibot: "*", hono: "*" },
  }),
  "packages/core/src/dynamo/table.ts": "export const table = {}",
  "packages/core/src/dynamo/index.ts": 'import "electrodb"\nexport const config = {}',
  "packages/core/src/session/schema.ts": 'import "valibot"\nexport type Info = string\nexport const info = 1',
  "packages/core/src/session/fold.ts":
    'import type { Info } from "./schema.ts"\nexport const fold = (info: Info) => info',
  "packages/core/src/session/entity.ts": 'import "electrodb"\nimport "../dynamo/index.ts"',
  "packages/core/src/session/decide.ts": "export const decide = 1",
  "packages/core/src/session/index.ts":
    'export * as Session from "./index.ts"\nexport * from "./schema.ts"\nimport "./entity.ts"\nexport const create = 1',
  "packages/core/src/log/index.ts":
    'import "@aws-sdk/client-s3"\nimport "../session/index.ts"\nimport "../session/fold.ts"',
  "packages/functions/src/api/app.ts": 'import "@remote-swe/core/session"',
  "packages/worker/package.json": JSON.stringify({
    name: "@remote-swe/worker",
    dependencies: { "@remote-swe/core": "*" },
    devDependencies: { valibot: "*" },
  }),
  "packages/worker/src/agent/loop.ts":
    'import type { Info } from "@remote-swe/core/session/schema"\nexport type A = Info',
  "packages/worker/src/runner.ts": 'import "./agent/loop.ts"\nimport "@remote-swe/core/session/fold"',
  "packages/worker/src/model/bedrock.ts": 'import "../../../../node_modules/@aws-sdk/client-s3/index.js"',
  "packages/local/src/index.ts": 'import "../../functions/src/api/app.ts"\nimport "../../worker/src/runner.ts"',
  "packages/local/test/util.ts": "export const help = 1",
  "web/src/lib/session.ts": 'import "../../../packages/core/src/session/index.ts"',
  "infra/storage.ts": 'import "../packages/core/src/dynamo/table.ts"',
} as const

const libraries = ["electrodb", "@aws-sdk/client-s3", "valibot", "hono", "sst"]

/** Each rule with files that break it. */
const violations: Record<string, Record<string, string>> = {
  "parts-do-not-import-each-other": {
    "packages/functions/src/a1.ts": 'import "../../worker/src/runner.ts"',
    "packages/slack/src/a2.ts": 'import "../../functions/src/api/app.ts"',
    "web/src/lib/a3.ts": 'import "../../../packages/functions/src/api/app.ts"',
  },
  "nothing-imports-the-local-cloud": { "packages/cli/src/b.ts": 'import "../../local/src/index.ts"' },
  "core-imports-no-other-part": { "packages/core/src/log/c.ts": 'import "../../../worker/src/runner.ts"' },
  "core-knows-no-web-framework": { "packages/core/src/log/d.ts": 'import "hono"' },
  "electrodb-in-entities-only": { "packages/core/src/session/e.ts": 'import "electrodb"' },
  "an-entity-belongs-to-its-domain": { "packages/core/src/log/f.ts": 'import "../session/entity.ts"' },
  "entities-stay-in-core": { "packages/functions/src/g.ts": 'import "../../core/src/session/entity.ts"' },
  "only-core-calls-aws": { "web/src/lib/h.ts": 'import "../../../node_modules/@aws-sdk/client-s3/index.js"' },
  "schema-is-pure": { "packages/core/src/usage/schema.ts": 'import "../session/index.ts"' },
  "browser-safe-means-no-aws": {
    "packages/core/src/client/index.ts": 'import "./far.ts"',
  },
  "a-domain-has-one-door": { "packages/core/src/log/i.ts": 'import "../session/decide.ts"' },
  "no-cycle": { "packages/core/src/file/index.ts": 'import "../key/index.ts"' },
  "worker-reaches-core-over-http": {
    "packages/worker/src/j1.ts": 'import "@remote-swe/core/log"',
    "packages/action/src/j2.ts": 'import "../../core/src/session/index.ts"',
  },
  "worker-never-reaches-electrodb": { "packages/worker/src/k.ts": 'import "@remote-swe/core/session"' },
  "the-agent-knows-neither-core-nor-aws": {
    "packages/worker/src/agent/l1.ts": 'import { fold } from "@remote-swe/core/session/fold"\nexport default fold',
    "packages/worker/src/agent/l2.ts": 'import "../../../../node_modules/@aws-sdk/client-s3/index.js"',
  },
  "the-runner-is-the-only-bridge": { "packages/worker/src/tool/m.ts": 'import "../agent/loop.ts"' },
  "client-code-of-the-dashboard-uses-schemas": {
    "web/src/component/n.tsx": 'import "../../../packages/core/src/session/index.ts"',
  },
  "infra-imports-infra": { "infra/o.ts": 'import "../packages/functions/src/api/app.ts"' },
  "packages-import-no-infra": { "packages/local/src/p.ts": 'import "../../../infra/storage.ts"' },
  "sources-import-no-tests": { "packages/local/src/q.ts": 'import "../test/util.ts"' },
  resolvable: {
    "packages/worker/src/r1.ts": 'import "@remote-swe/core/session/entity"',
    "packages/worker/src/r2.ts": 'import "./nowhere.ts"',
  },
  "declared-dependencies": {
    "packages/worker/src/s1.ts": 'import "valibot"',
    "packages/worker/src/s2.ts": 'import "hono"',
  },
}

/** What those files need to break their rules. */
const accomplices = {
  "packages/core/src/client/far.ts": 'import "../log/index.ts"',
  "packages/core/src/key/index.ts": 'import "../file/index.ts"',
}

const root = path.resolve(import.meta.dirname, "../..")
const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

/** The rules that dependency-cruiser finds broken, as `<rule> <file>`. */
async function cruise(files: Record<string, string>) {
  const folder = await mkdtemp(path.join(tmpdir(), "arrows-"))
  folders.push(folder)
  const stubs = libraries.flatMap((name) => [
    [`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js" })] as const,
    [`node_modules/${name}/index.js`, ""] as const,
  ])
  for (const [file, text] of [...stubs, ...Object.entries(files), ["package.json", '{ "name": "root" }'] as const]) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
    await writeFile(path.join(folder, file), text)
  }
  for (const name of ["functions", "worker"]) {
    await mkdir(path.join(folder, `packages/${name}/node_modules/@remote-swe`), { recursive: true })
    await symlink("../../../core", path.join(folder, `packages/${name}/node_modules/@remote-swe/core`))
  }
  const report = await new Promise<string>((resolve, reject) =>
    execFile(
      process.execPath,
      [
        path.join(root, "node_modules/.bin/depcruise"),
        "--config",
        path.join(root, ".dependency-cruiser.mjs"),
        "--output-type",
        "json",
        "packages",
        "web",
        "infra",
      ],
      { cwd: folder, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => (stdout ? resolve(stdout) : reject(error ?? new Error(stderr))),
    ),
  )
  const { summary } = JSON.parse(report) as { summary: { violations: { from: string; rule: { name: string } }[] } }
  return summary.violations.map((item) => `${item.rule.name} ${item.from}`)
}

test("a tree that keeps the arrows breaks no rule", async () => {
  expect(await cruise(tree)).toEqual([])
})

test("every rule is broken by the files that are written to break it", async () => {
  const found = await cruise(Object.assign({}, tree, accomplices, ...Object.values(violations)))
  const expected = Object.entries(violations).flatMap(([rule, files]) =>
    Object.keys(files).map((file) => `${rule} ${file}`),
  )
  expect(expected.filter((item) => !found.includes(item))).toEqual([])
})

test("no rule goes unproven", async () => {
  const config = (await import(path.join(root, ".dependency-cruiser.mjs"))) as {
    default: { forbidden: { name: string }[] }
  }
  expect(Object.keys(violations).toSorted()).toEqual(config.default.forbidden.map((rule) => rule.name).toSorted())
})
