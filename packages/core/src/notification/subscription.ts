import { createHash, ECDH } from "node:crypto"
import { Actor } from "../actor/index.ts"
import { VisibleError } from "../error.ts"
import { fn } from "../util/fn.ts"
import { SubscriptionEntity, type SubscriptionItem } from "./entity.ts"
import { pair } from "./key.ts"
import { Endpoint, type Info, Subscribe } from "./schema.ts"

/** The browsers in which somebody wants to be told. */

/** Of one person. The oldest make room. */
const most = 20

/** What a browser needs to subscribe with. */
export function publicKey() {
  person()
  return pair().publicKey
}

/** Tells the current person in this browser from now on, and nobody else there. */
export const subscribe = fn(Subscribe, async ({ endpoint, p256dh, auth, label, language }) => {
  const { userID } = person()
  assertPoint(p256dh)
  const item = { id: idOf(endpoint), userID, endpoint, p256dh, auth, label, language }
  const put = await SubscriptionEntity.put({ ...item, publicKey: pair().publicKey, created: Date.now() }).go()
  const others = (await of(userID)).filter(({ id }) => id !== item.id)
  for (const old of others.slice(0, Math.max(0, others.length + 1 - most))) await drop(old.id)
  return serialize(put.data)
})

/** Tells nothing more in this browser. */
export const unsubscribe = fn(Endpoint, async (endpoint) => {
  const { userID } = person()
  const found = await find(endpoint)
  if (found?.userID === userID) await drop(found.id)
})

/** Whether the current person is told in the browser with this endpoint. */
export const isSubscribed = fn(Endpoint, async (endpoint) => {
  const { userID } = person()
  const found = await find(endpoint)
  return found?.userID === userID && found.publicKey === pair().publicKey
})

/** The current person's browsers, oldest first. */
export async function list(): Promise<Info[]> {
  return (await of(person().userID)).map(serialize)
}

/** Of whoever. The index may be a moment behind. */
export async function of(userID: string): Promise<SubscriptionItem[]> {
  const found = await SubscriptionEntity.query.byUser({ userID }).go({ pages: "all" })
  return found.data
}

export async function drop(id: string) {
  await SubscriptionEntity.delete({ id }).go()
}

/** Remembers that the browser knows of `key`. */
export async function told(id: string, key: string) {
  await SubscriptionEntity.patch({ id }).set({ told: key }).go()
}

/** A key is shared, so what is meant for one person is not for whoever has it. */
function person() {
  const actor = Actor.assert("notification.manage")
  if (actor.type === "user") return actor
  throw new VisibleError("forbidden", "notification.impersonal", "Only a person can be notified: sign in")
}

const idOf = (endpoint: string) => createHash("sha256").update(endpoint).digest("hex")

async function find(endpoint: string) {
  const item = await SubscriptionEntity.get({ id: idOf(endpoint) }).go({ consistent: true })
  return item.data
}

function assertPoint(p256dh: string) {
  try {
    ECDH.convertKey(p256dh, "prime256v1", "base64url", "base64url", "uncompressed")
  } catch (cause) {
    throw new VisibleError("input", "notification.key", "This is not a browser's public key", { cause })
  }
}

function serialize({ id, label, language, created }: SubscriptionItem): Info {
  return { id, label, language, time: { created } }
}
