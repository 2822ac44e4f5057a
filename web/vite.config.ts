import { solidStart } from "@solidjs/start/config"
import { nitro } from "nitro/vite"
import { defineConfig, type Plugin } from "vite"

const preset = process.env.NITRO_PRESET ?? "aws-lambda"

/** SolidStart's development toolbar brings 17 kB of styles into every build. */
const withoutToolbar: Plugin = {
  name: "without-toolbar",
  apply: "build",
  enforce: "pre",
  load: (id) => (/dev-toolbar\/.*\.css/.test(id) ? "" : null),
}

/** What runs in browsers only: code that is never reached on the server, and would be a third of its bundle. */
const withoutBrowser: Plugin = {
  name: "without-browser",
  apply: "build",
  enforce: "pre",
  applyToEnvironment: (environment) => environment.name === "ssr",
  resolveId: (id) => (/^(?:dompurify|mqtt|highlight\.js)(?:\/|$)/.test(id) ? "\0browser-only" : null),
  load: (id) => (id === "\0browser-only" ? "export default {}" : null),
}

export default defineConfig({
  plugins: [
    withoutToolbar,
    withoutBrowser,
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
    minify: true,
    awsLambda: { streaming: true },
    // `standard` gives `{ fetch }`, which packages/local mounts in its own process: nobody else serves the files.
    ...(preset === "standard" && { serveStatic: "node" as const }),
  },
})
