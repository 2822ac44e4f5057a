import path from "node:path"
import { defineConfig } from "vitest/config"

const core = path.resolve(import.meta.dirname, "../../../core")
const infra = path.resolve(import.meta.dirname, "../../../../infra/test/aws")
const patience = { testTimeout: 120_000, hookTimeout: 120_000 }

/** Core's own tests of what it keeps, on another cloud; and beside them what only this one has. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "core on moto",
          root: core,
          include: [
            "log/log",
            "session/session",
            "file/*",
            "key/*",
            "idempotency/*",
            "usage/*",
            "machine/launch",
            "trigger/trigger",
          ].map((name) => `test/${name}.test.ts`),
          globalSetup: ["test/setup.ts"],
          setupFiles: ["test/links.ts"],
          ...patience,
        },
      },
      {
        test: {
          name: "aws",
          root: import.meta.dirname,
          include: ["*.test.ts"],
          setupFiles: ["links.ts"],
          ...patience,
        },
      },
      { test: { name: "infra on moto", root: infra, include: ["*.test.ts"], ...patience } },
    ],
  },
})
