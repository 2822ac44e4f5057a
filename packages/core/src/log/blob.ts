import { createHash } from "node:crypto"
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { Resource } from "sst"

/** Whole bodies of large events, by content hash. */

const s3 = new S3Client({ forcePathStyle: true })
const path = (sessionID: string, hash: string) => `session/${sessionID}/blob/${hash}`

export async function put(sessionID: string, text: string) {
  const hash = createHash("sha256").update(text).digest("hex")
  await s3.send(
    new PutObjectCommand({
      Bucket: Resource.Bucket.name,
      Key: path(sessionID, hash),
      Body: text,
      ContentType: "application/json",
    }),
  )
  return hash
}

export async function get(sessionID: string, hash: string) {
  const object = await s3.send(new GetObjectCommand({ Bucket: Resource.Bucket.name, Key: path(sessionID, hash) }))
  if (!object.Body) throw new Error(`The blob ${hash} of ${sessionID} has no body`)
  return object.Body.transformToString()
}
