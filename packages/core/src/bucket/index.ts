export * as Bucket from "./index.ts"
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3"
import { getSignedUrl } from "@aws-sdk/s3-request-presigner"
import { Resource } from "sst"

export const client = new S3Client({ forcePathStyle: true })

export async function put(path: string, body: string | Uint8Array, type: string) {
  await client.send(new PutObjectCommand({ Bucket: Resource.Bucket.name, Key: path, Body: body, ContentType: type }))
}

/** The text at `path`; undefined where there is none. */
export async function getText(path: string) {
  const found = await client
    .send(new GetObjectCommand({ Bucket: Resource.Bucket.name, Key: path }))
    .catch((error: unknown) => {
      if (error instanceof NoSuchKey) return
      throw error
    })
  return found?.Body?.transformToString()
}

/** Where browsers reach the bucket and no other one, for a page's security policy. Asks nobody. */
export async function address() {
  const command = new GetObjectCommand({ Bucket: Resource.Bucket.name, Key: "key" })
  return new URL(".", await getSignedUrl(client, command)).href
}

/** The bucket takes so many names at once. */
const mostAtOnce = 1_000

/** Deletes these; one that is not there is no error. */
export async function remove(paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return
  const Objects = paths.slice(0, mostAtOnce).map((Key) => ({ Key }))
  const Delete = { Objects, Quiet: true }
  const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: Resource.Bucket.name, Delete }))
  if (Errors.length > 0) throw new Error(`The bucket did not delete ${Errors.length} objects: ${Errors[0]?.Message}`)
  return remove(paths.slice(mostAtOnce))
}

/** Deletes everything below `prefix`. */
export async function removePrefix(prefix: string): Promise<void> {
  const Bucket = Resource.Bucket.name
  const found = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: mostAtOnce }))
  const paths = (found.Contents ?? []).flatMap((item) => item.Key ?? [])
  if (paths.length === 0) return
  await remove(paths)
  if (found.IsTruncated) return removePrefix(prefix)
}
