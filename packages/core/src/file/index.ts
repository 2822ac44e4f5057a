export * as File from "./index.ts"
import { CopyObjectCommand, HeadObjectCommand, NotFound } from "@aws-sdk/client-s3"
import { Resource } from "sst"
import * as v from "valibot"
import { Actor } from "../actor/index.ts"
import { Bucket } from "../bucket/index.ts"
import { Dynamo } from "../dynamo/index.ts"
import { VisibleError } from "../error.ts"
import { Identifier } from "../identifier.ts"
import { fn } from "../util/fn.ts"
import * as Address from "./address.ts"
import { FileEntity, type FileItem } from "./entity.ts"
import { Create, type Download, Ref, savedType, type Upload } from "./schema.ts"

export * from "./schema.ts"

/** How long an upload waits for the message that it belongs to. */
const waitDays = 7
const ID = Identifier.schema("file")
const SessionID = Identifier.schema("session")

/** Prepares an upload: of a session, or of a message that is yet to be sent. */
export const create = fn(
  v.strictObject({ ...Create.entries, id: v.optional(ID), sessionID: v.optional(SessionID) }),
  async ({ id = Identifier.create("file"), sessionID, name, type, size }): Promise<Upload> => {
    Actor.assert("file.write", sessionID)
    const owner = sessionID ? Dynamo.partition(sessionID) : waiting(id)
    const path = place(id, sessionID)
    const expireAt = sessionID ? undefined : Math.ceil(Date.now() / 1000) + waitDays * 86_400
    const saved = await FileEntity.put({
      owner,
      fileID: id,
      name,
      type,
      size,
      path,
      created: Date.now(),
      ...(expireAt && { expireAt }),
    }).go()
    return { file: serialize(saved.data), upload: await Address.upload(path, type, size) }
  },
)

/** Where to read a file. A worker sees its own session's only. */
export const fromID = fn(
  v.strictObject({ id: ID, sessionID: v.optional(SessionID) }),
  async ({ id, sessionID }): Promise<Download> => {
    Actor.assert("file.read", sessionID)
    const item = await (sessionID ? inSession(sessionID, id) : find(id))
    if (!item) throw new MissingError(id)
    return { file: serialize(item), ...(await Address.download(item.path, item.name, item.type)) }
  },
)

/** What fits into a function's memory several times. */
const textBytes = 32 * 1024 * 1024

/** What an upload holds, as text of at most 32 MB. */
export const text = fn(ID, async (id) => {
  Actor.assert("file.read")
  const item = await find(id)
  if (!item) throw new MissingError(id)
  if (item.size > textBytes)
    throw new VisibleError("large", "file.large", `${id} has ${item.size} bytes: here a file may have ${textBytes}`)
  const found = await Bucket.getText(item.path)
  if (found === undefined) throw unarrived(id)
  return found
})

/**
 * Makes files that a message refers to the session's own and answers them as they are stored, whatever
 * the message says of them. Throws for one that does not exist or was never uploaded.
 */
export const claim = fn(v.strictObject({ sessionID: SessionID, files: v.array(Ref) }), async ({ sessionID, files }) => {
  Actor.assert("file.write", sessionID)
  // A message may name a file twice, and the bucket must not copy it to one place twice at once.
  const ids = new Set(files.map((file) => file.id))
  return Promise.all([...ids].map((id) => own(sessionID, id)))
})

/** Gives a session what another one has, as copies; of saved workspaces those that are `needed`. */
export async function copy(from: string, to: string, needed: ReadonlySet<string> = new Set()) {
  Actor.assert("file.write", to)
  for (const item of await all(from)) {
    if (item.type !== savedType || needed.has(item.fileID)) await transfer(item, to)
  }
}

/** Whether a session still has all these files. */
export async function isComplete(sessionID: string, ids: readonly string[]) {
  Actor.assert("file.read", sessionID)
  const known = new Set((await all(sessionID)).map((item) => item.fileID))
  return ids.every((id) => known.has(id))
}

/**
 * Deletes what was saved of a session's workspace `before` a time, but for what is `needed`. What a worker
 * uploads goes into its log only afterwards, so that a file that is younger may still be wanted.
 */
export async function release(sessionID: string, { needed, before }: { needed: ReadonlySet<string>; before: number }) {
  Actor.assert("session.work", sessionID)
  const items = await all(sessionID)
  const old = items.filter(({ type, created, fileID }) => type === savedType && created < before && !needed.has(fileID))
  // An item that is left over is found again; an object without its item is not.
  await Bucket.remove(old.map((item) => item.path))
  await Promise.all(old.map(({ owner, fileID }) => FileEntity.delete({ owner, fileID }).go()))
}

export class MissingError extends VisibleError {
  constructor(id: string) {
    super("missing", "file.missing", `There is no file ${id}`)
  }
}

const waiting = (id: string) => `upload#${id}`
/** Below `upload/` the bucket forgets what is older than a week. */
const place = (id: string, sessionID?: string) => (sessionID ? `session/${sessionID}/file/${id}` : `upload/${id}`)

async function all(sessionID: string) {
  const owner = Dynamo.partition(sessionID)
  return (await FileEntity.query.primary({ owner }).go({ pages: "all", consistent: true })).data
}

async function inSession(sessionID: string, fileID: string) {
  const item = await FileEntity.get({ owner: Dynamo.partition(sessionID), fileID }).go({ consistent: true })
  return item.data ?? undefined
}

async function find(fileID: string) {
  const upload = await FileEntity.get({ owner: waiting(fileID), fileID }).go({ consistent: true })
  if (upload.data) return upload.data
  const found = await FileEntity.query.byFile({ fileID }).go({ count: 1, limit: 1 })
  return found.data[0]
}

async function own(sessionID: string, id: string) {
  const known = await inSession(sessionID, id)
  if (known) return serialize(known)
  const item = await find(id)
  if (!item) throw new VisibleError("input", "file.missing", `There is no file ${id}: upload it first (POST /files)`)
  return transfer(item, sessionID)
}

async function transfer(item: FileItem, sessionID: string) {
  const path = place(item.fileID, sessionID)
  if (item.path !== path) await duplicate(item, path)
  const { expireAt: _, ...rest } = item
  const saved = await FileEntity.put({ ...rest, owner: Dynamo.partition(sessionID), path }).go()
  return serialize(saved.data)
}

async function duplicate(item: FileItem, path: string) {
  const name = Resource.Bucket.name
  const head = await Bucket.client
    .send(new HeadObjectCommand({ Bucket: name, Key: item.path }))
    .catch((error: unknown) => {
      if (!(error instanceof NotFound)) throw error
    })
  if (!head) throw unarrived(item.fileID)
  if (head.ContentLength !== item.size)
    throw new VisibleError(
      "input",
      "file.size",
      `${item.fileID} was to have ${item.size} bytes and has ${head.ContentLength}: upload it anew`,
    )
  await Bucket.client.send(new CopyObjectCommand({ Bucket: name, Key: path, CopySource: `${name}/${item.path}` }))
}

const unarrived = (id: string) =>
  new VisibleError(
    "input",
    "file.empty",
    `The bytes of ${id} have not arrived: PUT them to the address that POST /files gave you`,
  )

const serialize = ({ fileID: id, name, type, size }: FileItem): Ref => ({ id, name, type, size })
