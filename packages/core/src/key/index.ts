export * as Key from "./index.ts"
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import * as v from "valibot"
import { Actor } from "../actor/index.ts"
import { Dynamo } from "../dynamo/index.ts"
import { VisibleError } from "../error.ts"
import { Identifier } from "../identifier.ts"
import { fn } from "../util/fn.ts"
import { KeyEntity, type KeyItem } from "./entity.ts"
import { Create, type Info, Name, type Scope } from "./schema.ts"

export * from "./schema.ts"

const dayMs = 86_400_000
/** How exact the last use is: it costs a write. */
const usedMs = 60_000
/** How long an ended key is still listed. */
const keptMs = 30 * dayMs
const ID = Identifier.schema("key")

/** A new key. `secret` is the key itself, which nobody can read again. The same `id` again replaces it. */
export const create = fn(
  v.strictObject({ ...Create.entries, id: v.optional(ID) }),
  async ({ name, days, scope, id = Identifier.create("key") }) => {
    const creator = Actor.assert("key.manage")
    for (const earlier of await withID(id)) await KeyEntity.delete({ hash: earlier.hash }).go()
    const secret = `swe_k_${randomBytes(32).toString("base64url")}`
    const expires = days === undefined ? undefined : Date.now() + days * dayMs
    const info = await put({ id, name, secret, scope, creator: label(creator), expires })
    return { ...info, secret }
  },
)

/** Makes sure that `secret`, which somebody else chose, is a key that may do everything. */
export const ensure = fn(
  v.strictObject({ name: Name, secret: v.pipe(v.string(), v.minLength(1), v.maxLength(500)) }),
  async ({ name, secret }) => {
    const creator = Actor.assert("key.manage")
    const found = await KeyEntity.get({ hash: hash(secret) }).go({ consistent: true })
    if (found.data) return serialize(found.data)
    return put({ id: Identifier.create("key"), name, secret, scope: "full", creator: label(creator) })
  },
)

/** Whose key this is; throws for one that is unknown, was removed or has ended. */
export async function authenticate(secret: string): Promise<Actor.Info> {
  const wanted = hash(secret)
  const found = await KeyEntity.get({ hash: wanted }).go({ consistent: true })
  const item = found.data
  if (!item || !timingSafeEqual(Buffer.from(item.hash), Buffer.from(wanted)))
    throw new VisibleError("unauthorized", "key.unknown", "This API key is not known, or was removed: use another one")
  if (item.expires !== undefined && item.expires <= Date.now())
    throw new VisibleError("unauthorized", "key.expired", "This API key has ended: make a new one")
  await touch(item)
  return { type: "key", keyID: item.keyID, name: item.name, ...(item.scope === "full" && { admin: true }) }
}

/** All keys, newest first. */
export async function list(): Promise<Info[]> {
  Actor.assert("key.manage")
  const found = await KeyEntity.query.byAll({}).go({ order: "desc", pages: "all" })
  return found.data.map(serialize)
}

/** Ends a key at once. */
export const remove = fn(ID, async (id) => {
  Actor.assert("key.manage")
  const [item] = await withID(id)
  if (!item) throw new VisibleError("missing", "key.missing", `There is no key ${id}`)
  await KeyEntity.delete({ hash: item.hash }).go()
})

const hash = (secret: string) => createHash("sha256").update(secret).digest("hex")

async function withID(id: string) {
  const found = await KeyEntity.query.byAll({ keyID: id }).go()
  return found.data.filter((item) => item.keyID === id)
}

interface Put {
  id: string
  name: string
  secret: string
  scope: Scope
  creator: string
  expires?: number | undefined
}

async function put({ id, name, secret, scope, creator, expires }: Put) {
  const item = await KeyEntity.put({
    hash: hash(secret),
    keyID: id,
    name,
    // A short key that somebody else chose must not be shown by half.
    prefix: secret.slice(0, Math.min(12, Math.floor(secret.length / 4))),
    scope,
    creator,
    created: Date.now(),
    ...(expires && { expires, expireAt: Math.ceil((expires + keptMs) / 1000) }),
  }).go()
  return serialize(item.data)
}

async function touch(item: KeyItem) {
  const now = Date.now()
  if (item.used !== undefined && now - item.used < usedMs) return
  await KeyEntity.patch({ hash: item.hash })
    .set({ used: now })
    .where(({ used }, { notExists, lt }) => `${notExists(used)} OR ${lt(used, now - usedMs)}`)
    .go()
    .catch((error: unknown) => {
      // Another request was first, or the key was removed just now.
      if (!Dynamo.isConditionFailed(error)) throw error
    })
}

const label = (actor: Actor.Info) => ("name" in actor ? actor.name : actor.type)

function serialize(item: KeyItem): Info {
  return {
    id: item.keyID,
    name: item.name,
    prefix: item.prefix,
    scope: item.scope,
    creator: item.creator,
    time: {
      created: item.created,
      ...(item.used !== undefined && { used: item.used }),
      ...(item.expires !== undefined && { expires: item.expires }),
    },
  }
}
