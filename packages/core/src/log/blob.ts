import { createHash } from "node:crypto"
import { Bucket } from "../bucket/index.ts"

/** Whole bodies of large events, by content hash. */

const path = (sessionID: string, hash: string) => `session/${sessionID}/blob/${hash}`

export async function put(sessionID: string, text: string) {
  const hash = createHash("sha256").update(text).digest("hex")
  await Bucket.put(path(sessionID, hash), text, "application/json")
  return hash
}

export async function get(sessionID: string, hash: string) {
  const text = await Bucket.getText(path(sessionID, hash))
  if (text === undefined) throw new Error(`The blob ${hash} of ${sessionID} is gone`)
  return text
}
