import { createCipheriv } from "node:crypto"
import { cp, mkdir, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import type { Built, Question } from "./result.ts"

/** What the sst command makes of a function that is packed already: its links are put beside it. */

export interface Build {
  functionID: string
  handler: string
  bundle?: string
  encryptionKey: string
  links: Record<string, unknown>
}

export async function make(input: Build, { work }: Question, built: Built[]) {
  const out = path.join(work, "function", input.functionID)
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  // In `sst dev` a stub is uploaded, which is SST's own.
  if (!input.bundle) return { handler: "", out, errors: [`Nobody has packed ${input.handler}`], sourcemaps: [] }
  await cp(path.resolve(input.bundle), out, { recursive: true })
  await writeFile(path.join(out, "resource.enc"), encrypt(input.encryptionKey, input.links))
  built.push({ id: input.functionID, handler: input.handler, folder: out, links: Object.keys(input.links) })
  return { handler: input.handler, out, errors: [], sourcemaps: [] }
}

function encrypt(key: string, links: unknown) {
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(key, "base64"), Buffer.alloc(12))
  return Buffer.concat([cipher.update(JSON.stringify(links)), cipher.final(), cipher.getAuthTag()])
}
