import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    name: "local",
    root: import.meta.dirname,
    include: ["test/**/*.test.ts"],
    exclude: ["test/browser/**", "test/aws/**", "test/hostile/**"],
    globalSetup: ["test/setup.mjs"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
