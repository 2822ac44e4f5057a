import { createCipheriv } from "node:crypto"
import { existsSync } from "node:fs"
import { cp, mkdir, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import type { BuildOptions, BuildResult } from "./esbuild.ts"
import { load } from "./place.ts"
import type { Built, Question } from "./result.ts"

/** What the sst command makes of a function: a bundle, as its builder writes it, and its links beside it. */

export interface Build {
  functionID: string
  handler: string
  bundle?: string
  encryptionKey: string
  links: Record<string, unknown>
  /** What the component says in `nodejs`. */
  properties?: { minify?: boolean; esbuild?: { external?: string[]; keepNames?: boolean } }
}

const esbuild: { build(options: BuildOptions): Promise<BuildResult> } = load("esbuild")

const requiring = `import { createRequire as topLevelCreateRequire } from 'module';
const require = topLevelCreateRequire(import.meta.url);
import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"
const __filename = topLevelFileUrlToPath(import.meta.url)
const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))
`

export async function make(input: Build, question: Question, built: Built[]) {
  const { root, work, build } = question
  const out = path.join(work, "function", input.functionID)
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const { dir, name, ext } = path.posix.parse(input.handler)
  const file = path.join(out, "bundle.mjs")
  if (input.bundle) await cp(path.resolve(input.bundle), out, { recursive: true })
  else {
    const source = path.join(root, dir, `${name}.ts`)
    if (!existsSync(source)) return { handler: "", out, errors: [`There is no ${source}`], sourcemaps: [] }
    if (build) await esbuild.build(options(source, file, input))
    else await writeFile(file, "")
  }
  await writeFile(path.join(out, "resource.enc"), encrypt(input.encryptionKey, input.links))
  const handler = input.bundle ? name + ext : `bundle${ext}`
  built.push({ id: input.functionID, handler, folder: out, links: Object.keys(input.links) })
  // Kept beside the function, not in it.
  return { handler, out, errors: [], sourcemaps: build && !input.bundle ? [`${file}.map`] : [] }
}

/** Of SST 3.19.3, for nodejs22.x. */
const options = (source: string, outfile: string, { properties: { minify = false, esbuild } = {} }: Build) => ({
  entryPoints: [source],
  outfile,
  bundle: true,
  minify,
  keepNames: esbuild?.keepNames ?? true,
  sourcemap: "linked" as const,
  format: "esm" as const,
  platform: "node" as const,
  target: "es2023",
  logLevel: "silent" as const,
  mainFields: ["module", "main"],
  external: ["sharp", "pg-native", ...(esbuild?.external ?? [])],
  banner: { js: requiring },
})

function encrypt(key: string, links: unknown) {
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(key, "base64"), Buffer.alloc(12))
  return Buffer.concat([cipher.update(JSON.stringify(links)), cipher.final(), cipher.getAuthTag()])
}
