import { defineConfig } from "vitest/config"

/** All packages' tests in one run; `test:browser` and `test:java` are commands of their own. */
export default defineConfig({
  test: {
    projects: [
      "packages/*/vitest.config.ts",
      "web/vitest.config.ts",
      { test: { name: "check", root: "scripts/check", include: ["**/*.test.ts"], testTimeout: 60_000 } },
    ],
  },
})
