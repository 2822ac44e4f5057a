import { createCipheriv } from "node:crypto"
import { existsSync } from "node:fs"
import { cp, mkdir, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"
import { json } from "node:stream/consumers"
import { account } from "./aws.ts"
import type { BuildOptions, BuildResult } from "./esbuild.ts"
import { load } from "./place.ts"
import type { Built, Question } from "./result.ts"

/** The sst command's part: components ask it, over loopback, to build functions and where its own buckets are. */

interface Build {
  functionID: string
  handler: string
  bundle?: string
  encryptionKey: string
  links: Record<string, unknown>
}

export async function serve(question: Question, built: Built[]) {
  const server = createServer(async (request, response) => {
    // Kept alive, sockets would hold up the end of the program.
    response.setHeader("connection", "close")
    const body = (await json(request)) as { method: string; params: [unknown] }
    const reply = await answer(body.method, body.params[0], question, built).then(
      (result) => ({ result, error: null }),
      (error: unknown) => ({ result: null, error: String(error) }),
    )
    response.end(JSON.stringify(reply))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  server.unref()
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function answer(method: string, params: unknown, question: Question, built: Built[]) {
  switch (method) {
    case "Provider.Aws.Bootstrap":
      return {
        version: 5,
        asset: "sst-asset-mock",
        state: "sst-state-mock",
        assetEcrRegistryId: account,
        assetEcrUrl: `${account}.dkr.ecr.${question.region}.amazonaws.com/sst-asset`,
      }
    case "Provider.Aws.Appsync":
      return { http: "appsync.example.com", realtime: "appsync-realtime.example.com" }
    case "Runtime.AddTarget":
      return true
    case "Runtime.Build":
      return make(params as Build, question, built)
    default:
      throw new Error(`rpc: can't find method ${method}`)
  }
}

const esbuild: { build(options: BuildOptions): Promise<BuildResult> } = load("esbuild")

const requiring = `import { createRequire as topLevelCreateRequire } from "node:module";
const require = topLevelCreateRequire(import.meta.url);`

/** Bundles a function, and puts its links beside it, encrypted as they travel. */
async function make(input: Build, { root, work, build }: Question, built: Built[]) {
  const out = path.join(work, "function", input.functionID)
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const { dir, name, ext } = path.posix.parse(input.handler)
  if (input.bundle) await cp(path.resolve(input.bundle), out, { recursive: true })
  else {
    const source = path.join(root, dir, `${name}.ts`)
    if (!existsSync(source)) return { handler: "", out, errors: [`There is no ${source}`], sourcemaps: [] }
    if (!build) await writeFile(path.join(out, `${name}.mjs`), "")
    else
      await esbuild.build({
        entryPoints: [source],
        outfile: path.join(out, `${name}.mjs`),
        bundle: true,
        minify: true,
        format: "esm",
        platform: "node",
        target: "esnext",
        logLevel: "silent",
        mainFields: ["module", "main"],
        banner: { js: requiring },
      })
  }
  await writeFile(path.join(out, "resource.enc"), encrypt(input.encryptionKey, input.links))
  const handler = name + ext
  built.push({ id: input.functionID, handler, folder: out, links: Object.keys(input.links) })
  return { handler, out, errors: [], sourcemaps: [] }
}

function encrypt(key: string, links: unknown) {
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(key, "base64"), Buffer.alloc(12))
  return Buffer.concat([cipher.update(JSON.stringify(links)), cipher.final(), cipher.getAuthTag()])
}
