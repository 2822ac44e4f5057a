import path from "node:path"
import { defineConfig } from "vitest/config"

const here = import.meta.dirname
const packages = path.resolve(here, "../../..")
const common = { testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false }

/** What some of the API's tests do to the process that they share with it: make it fail, look into it, send what HTTP cannot. */
const inside = [
  "a mistake of ours is logged once",
  "a request that broke off is repeated",
  "every route is described",
  "a key for repetition must be text",
  // Another process than the one that gave the machine its successor believes the old token for a moment.
  "is refused once another generation has taken over",
]

/** Tests of the bundles that a deployment would upload; `npm run test:bundle`. */
export default defineConfig({
  test: {
    globalSetup: [path.join(here, "setup.ts")],
    testNamePattern: new RegExp(`^(?!.*(?:${inside.join("|")}))`),
    projects: [
      { test: { ...common, name: "deployment", root: here, include: ["*.bundle.ts"] } },
      {
        // The API's own tests, whose app is the bundle behind a function's address.
        resolve: {
          alias: [{ find: /^\.\.\/\.\.\/src\/api\/app\.ts$/, replacement: path.join(here, "api", "app.ts") }],
        },
        test: {
          ...common,
          name: "api",
          root: path.join(packages, "functions"),
          include: [
            "test/api/{session,stream,refusal,repetition,worker,machine,trigger,document}.test.ts",
            "test/client/client.test.ts",
          ],
          globalSetup: [path.join(packages, "core", "test", "setup.ts")],
          setupFiles: [path.join(packages, "functions", "test", "links.ts"), path.join(here, "api", "start.ts")],
        },
      },
    ],
  },
})
