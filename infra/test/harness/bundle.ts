import { readFile } from "node:fs/promises"
import path from "node:path"
import type { BuildOptions, BuildResult, Plugin } from "./esbuild.ts"
import { load, platform, root } from "./place.ts"
import type { Bundles } from "./result.ts"

/** Bundles sst.config.ts as the sst command does before it hands it to Pulumi: with `sst`, `aws` and `random` in scope. */

const esbuild: { build(options: BuildOptions): Promise<BuildResult> } = load("esbuild")

/** `$config` is asked for when the app is described, before anything of the platform is there. */
const describing = "function $config(input) { return input }"

const requiring = `
import { createRequire as topLevelCreateRequire } from "node:module";
const require = topLevelCreateRequire(import.meta.url);
import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "node:url";
const __filename = topLevelFileUrlToPath(import.meta.url);
const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url));
`

export async function bundle(): Promise<Bundles> {
  const globals = await inScope()
  const config = JSON.stringify(path.join(root, "sst.config.ts"))
  const run = JSON.stringify(path.join(platform, "src", "auto", "run.ts"))
  const bundles = { app: path.join(platform, "mock.app.mjs"), run: path.join(platform, "mock.run.mjs") }
  await build(bundles.app, `import config from ${config}; export default config`, requiring + describing, "")
  await build(
    bundles.run,
    `import { run } from ${run}; import config from ${config}; export default () => run(config.run)`,
    requiring,
    globals,
  )
  return bundles
}

/** What stands in scope of each of our files: the providers that were installed, and SST's components. */
async function inScope() {
  const lock: { alias: string; package: string }[] = JSON.parse(
    await readFile(path.join(root, ".sst", "provider-lock.json"), "utf8"),
  )
  const components = JSON.stringify(path.join(platform, "src", "components"))
  return [
    ...lock.map((item) => `import * as ${item.alias} from "${item.package}";`),
    `import * as sst from ${components};`,
  ].join("\n")
}

async function build(outfile: string, contents: string, banner: string, globals: string) {
  await esbuild.build({
    stdin: { contents, resolveDir: root, sourcefile: "eval.ts", loader: "ts" },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "silent",
    mainFields: ["module", "main"],
    banner: { js: banner },
    nodePaths: [path.join(platform, "node_modules")],
    ...(globals && { inject: [path.join(platform, "src", "shim", "run.js")] }),
    plugins: [scope(globals)],
    external: ["@pulumi/*", "@aws-sdk/*", "undici", "esbuild", "archiver", "glob", "vite"],
  })
}

const scope = (globals: string): Plugin => ({
  name: "globals",
  setup(build) {
    build.onLoad({ filter: /\.(js|ts|jsx|tsx)$/ }, async (args) => {
      const contents = await readFile(args.path, "utf8")
      const isOurs = !args.path.includes(`${path.sep}.sst${path.sep}`)
      return { contents: isOurs ? `${globals}\n${contents}` : contents, loader: "default" }
    })
  },
})
