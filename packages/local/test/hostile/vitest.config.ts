import { defineConfig } from "vitest/config"

export default defineConfig({
  test: { name: "hostile", root: import.meta.dirname, include: ["*.test.ts"], globalSetup: ["../setup.mjs"] },
})
