import { File as Stored } from "@remote-swe/core/file"
import { parse, withActor } from "../context/auth.ts"

export async function prepareUpload(input: { name: string; type: string; size: number }) {
  "use server"
  return withActor(() => Stored.create(parse(Stored.Create, input)))
}

/** An address that serves the file for a while. */
export async function fileAddress(id: string) {
  "use server"
  return withActor(async () => (await Stored.fromID({ id: parse(Stored.Ref.entries.id, id) })).url)
}

/** Sends `file` to the bucket and answers how a message refers to it. */
export async function upload(file: File) {
  const type = /^[a-z0-9.+-]+\/[a-z0-9.+-]+$/i.test(file.type) ? file.type : "application/octet-stream"
  const prepared = await prepareUpload({ name: file.name || "pasted", type, size: file.size })
  const { url, headers } = prepared.upload
  const answer = await fetch(url, { method: "PUT", headers, body: file })
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`)
  return prepared.file
}
