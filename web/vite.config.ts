import { solidStart } from "@solidjs/start/config"
import { nitro } from "nitro/vite"
import { defineConfig, type Plugin } from "vite"
import { fileURLToPath } from "node:url"
import { lean, versionOnly } from "../scripts/lean.mjs"

const preset = process.env.NITRO_PRESET ?? "aws-lambda"
/** Where the built dashboard goes: SST looks for it in `.output`. */
const output = process.env.NITRO_OUTPUT_DIR ?? ".output"

/** SolidStart's development toolbar brings 17 kB of styles into every build. */
const withoutToolbar: Plugin = {
  name: "without-toolbar",
  apply: "build",
  enforce: "pre",
  load: (id) => (/dev-toolbar\/.*\.css/.test(id) ? "" : null),
}

/** What runs in the server only; see there. */
const leanServer: Plugin = {
  ...lean,
  apply: "build",
  enforce: "pre",
  applyToEnvironment: (environment) => environment.name === "ssr",
}

/** SolidStart and Nitro both answer requests with h3, and each would bring its own. */
const oneServer: Plugin = {
  name: "one-server",
  apply: "build",
  enforce: "pre",
  resolveId(id) {
    if (id !== "h3" && !id.startsWith("h3/")) return null
    if (this.environment.name === "ssr") return { id, external: true }
    return this.environment.name === "nitro" ? this.resolve(id, fileURLToPath(import.meta.resolve("nitro"))) : null
  },
}

/** Else what the dashboard and its libraries both use would be there twice. */
const inOnePiece: Plugin = {
  name: "in-one-piece",
  apply: "build",
  config: () => ({ environments: { ssr: { resolve: { noExternal: true } } } }),
}

export default defineConfig({
  plugins: [
    withoutToolbar,
    leanServer,
    { ...versionOnly, apply: "build", enforce: "pre" },
    oneServer,
    inOnePiece,
    solidStart({
      devOverlay: false,
      middleware: "src/middleware.ts",
      // Both would else run Babel over every file of the AWS SDK.
      serverFunctions: { filter: { include: "src/**/*.{ts,tsx}" } },
      solid: { include: /\.[jt]sx(?:$|\?)/ },
    }),
    nitro(),
  ],
  build: { chunkSizeWarningLimit: 1_000 },
  nitro: {
    preset,
    output: { dir: output },
    minify: true,
    awsLambda: { streaming: true },
    // What can be shaken: the AWS SDK's packages give CommonJS to whoever asks for `node` alone.
    exportConditions: ["module"],
    // `standard` gives `{ fetch }`, which packages/local mounts in its own process: nobody else serves the files.
    ...(preset === "standard" && { serveStatic: "node" as const }),
  },
})
