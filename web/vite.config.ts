import { solidStart } from "@solidjs/start/config"
import { nitro } from "nitro/vite"
import { defineConfig } from "vite"

const preset = process.env.NITRO_PRESET ?? "aws-lambda"

export default defineConfig({
  plugins: [solidStart({ devOverlay: false }), nitro()],
  nitro: {
    preset,
    awsLambda: { streaming: true },
    // `standard` gives `{ fetch }`, which packages/local mounts in its own process: nobody else serves the files.
    ...(preset === "standard" && { serveStatic: "node" }),
  },
})
