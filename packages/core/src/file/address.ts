import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { getSignedUrl } from "@aws-sdk/s3-request-presigner"
import { Resource } from "sst"

/** Addresses of the bucket that work for an hour, for whoever has them. */

const lifeMs = 60 * 60 * 1000
const expiresIn = lifeMs / 1000

// By default the SDK signs a checksum of the body, which is not known yet.
const client = new S3Client({ forcePathStyle: true, requestChecksumCalculation: "WHEN_REQUIRED" })

/** Where to `PUT` exactly `size` bytes. */
export async function upload(path: string, type: string, size: number) {
  const expiresAt = Date.now() + lifeMs
  const command = new PutObjectCommand({
    Bucket: Resource.Bucket.name,
    Key: path,
    ContentType: type,
    ContentLength: size,
  })
  // Signed, so that the bucket refuses another size or type.
  const signableHeaders = new Set(["host", "content-type", "content-length"])
  const url = await getSignedUrl(client, command, { expiresIn, signableHeaders })
  return { url, headers: { "content-type": type }, expiresAt }
}

/** Where to read it, as an attachment and never as something that runs script. */
export async function download(path: string, name: string, type: string) {
  const expiresAt = Date.now() + lifeMs
  const command = new GetObjectCommand({
    Bucket: Resource.Bucket.name,
    Key: path,
    ResponseContentType: safeType(type),
    ResponseContentDisposition: attachment(name),
  })
  return { url: await getSignedUrl(client, command, { expiresIn }), expiresAt }
}

const harmless = new Set([
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/avif",
  "application/pdf",
  "application/json",
  "application/zip",
  "application/gzip",
])

/** Its own type where that is harmless, plain text for any text, else bytes. */
function safeType(type: string) {
  const known = type.toLowerCase()
  if (harmless.has(known)) return known
  if (known.startsWith("text/")) return "text/plain; charset=utf-8"
  return "application/octet-stream"
}

/** RFC 6266: an ASCII name for old readers, and the real one. */
function attachment(name: string) {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, "_")
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
