import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    name: "slack",
    root: import.meta.dirname,
    include: ["test/**/*.test.ts"],
    globalSetup: ["../core/test/setup.ts"],
    setupFiles: ["test/links.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
