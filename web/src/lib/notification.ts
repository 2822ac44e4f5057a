import { Notification } from "@remote-swe/core/notification"
import { parse, withActor } from "../context/auth.ts"
import type * as v from "valibot"

export type Wish = v.InferInput<typeof Notification.Subscribe>

/** What a browser subscribes with. */
export async function getPublicKey() {
  "use server"
  return withActor(() => Notification.publicKey())
}

export async function subscribe(wish: Wish) {
  "use server"
  return withActor(() => Notification.subscribe(parse(Notification.Subscribe, wish)))
}

export async function unsubscribe(endpoint: string) {
  "use server"
  return withActor(() => Notification.unsubscribe(parse(Notification.Endpoint, endpoint)))
}

export async function isSubscribed(endpoint: string) {
  "use server"
  return withActor(() => Notification.isSubscribed(parse(Notification.Endpoint, endpoint)))
}
