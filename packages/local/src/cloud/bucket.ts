import { createHash, randomUUID } from "node:crypto"
import { createWriteStream } from "node:fs"
import { mkdir, rename, rm, writeFile } from "node:fs/promises"
import type { IncomingMessage, ServerResponse } from "node:http"
import path from "node:path"
import { Readable, Transform } from "node:stream"
import { pipeline } from "node:stream/promises"
import { Logger } from "@remote-swe/core/logger"
import S3rver from "s3rver"
import FilesystemStore, { type StoredObject } from "s3rver/lib/stores/filesystem.js"
import { type Keys, verify } from "./signature.ts"

/** The one id that S3rver knows. It checks no signature; `verify` does, with a secret of each start. */
export const keyID = "S3RVER"

/** S3, in `folder`, for signed and presigned requests. */
export async function open(folder: string, name: string, keys: Keys) {
  await mkdir(folder, { recursive: true })
  const server = new S3rver({ directory: folder, silent: true, vhostBuckets: false, configureBuckets: [{ name }] })
  server.store = server.context.store = new Store(folder)
  server.on("error", (error) => {
    if (!("status" in error)) Logger.error("the bucket failed", { error })
  })
  await server.configureBuckets()
  const answer = server.callback()
  return (request: IncomingMessage, response: ServerResponse) => {
    // A file may be a page: it must not run as one of ours.
    response.setHeader("content-security-policy", "sandbox; default-src 'none'")
    response.setHeader("x-content-type-options", "nosniff")
    if (!verify(request, keys)) return void response.writeHead(403, { "content-type": "application/xml" }).end(denied)
    void answer(request, response)
  }
}

const denied = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SignatureDoesNotMatch</Code><Message>The link is not signed, or it has ended</Message></Error>`

/** S3rver's own answers before a file is written, and leaves half a file when it is killed. */
class Store extends FilesystemStore {
  override async putObject(object: StoredObject) {
    const target = this.getResourcePath(object.bucket, object.key, "object")
    const draft = `${target}.${randomUUID()}`
    await mkdir(path.dirname(target), { recursive: true })
    const hash = createHash("md5")
    let size = 0
    const count = new Transform({
      transform(chunk: Buffer, _, done) {
        hash.update(chunk)
        size += chunk.length
        done(null, chunk)
      },
    })
    const content = Buffer.isBuffer(object.content) ? Readable.from([object.content]) : object.content
    try {
      await pipeline(content, count, createWriteStream(draft))
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
    const md5 = hash.digest("hex")
    await this.putMetadata(object.bucket, object.key, object.metadata, md5)
    await rename(draft, target)
    return { size, md5 }
  }

  /** Leaves empty folders alone: S3rver's own way fails when two objects of one folder are deleted at once. */
  override async deleteObject(bucket: string, key: string) {
    const parts = ["object", "object.md5", "metadata.json"].map((part) => this.getResourcePath(bucket, key, part))
    await Promise.all(parts.map((part) => rm(part, { force: true })))
  }

  override async putMetadata(bucket: string, key: string, metadata: Record<string, string>, md5?: string) {
    const kept = Object.entries(metadata).filter(([name]) => known.has(name) || name.startsWith("x-amz-meta-"))
    const text = JSON.stringify(Object.fromEntries(kept))
    await replace(this.getResourcePath(bucket, key, "metadata.json"), text)
    if (md5) await replace(this.getResourcePath(bucket, key, "object.md5"), md5)
  }
}

const known = new Set([
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
  "x-amz-website-redirect-location",
])

async function replace(file: string, text: string) {
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, text)
  await rename(draft, file)
}
