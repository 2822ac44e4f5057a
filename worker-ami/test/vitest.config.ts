import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    name: "image",
    root: import.meta.dirname,
    include: ["*.test.ts"],
    // They share the kernel's namespaces and a small machine.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 1_200_000,
  },
})
