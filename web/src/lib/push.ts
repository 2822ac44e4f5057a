import type { Locale } from "../i18n/index.ts"
import type { Wish } from "./notification.ts"

/** This browser's part of notifications. */

const worker = "/push.js"

export type Outcome = "on" | "off" | "denied"

/** What the server does. */
export interface Server {
  getPublicKey(): Promise<string>
  subscribe(wish: Wish): Promise<unknown>
  unsubscribe(endpoint: string): Promise<void>
  isSubscribed(endpoint: string): Promise<boolean>
}

export const isSupported = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window

export async function state(server: Server): Promise<Outcome> {
  if (Notification.permission === "denied") return "denied"
  const subscription = await current()
  return subscription && (await server.isSubscribed(subscription.endpoint)) ? "on" : "off"
}

/** Must come from a press: browsers ask for permission then only. */
export async function turnOn(server: Server, language: Locale): Promise<Outcome> {
  const permission = await Notification.requestPermission()
  if (permission !== "granted") return permission === "denied" ? "denied" : "off"
  await navigator.serviceWorker.register(worker)
  const { pushManager } = await navigator.serviceWorker.ready
  const applicationServerKey = bytesOf(await server.getPublicKey())
  // One that was made for another key, or for somebody else, is of no use.
  await (await pushManager.getSubscription())?.unsubscribe()
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey })
  await server.subscribe(wishOf(made.toJSON(), labelOf(navigator.userAgent), language))
  return "on"
}

export async function turnOff(server: Pick<Server, "unsubscribe">): Promise<Outcome> {
  const subscription = await current()
  await subscription?.unsubscribe()
  if (subscription) await server.unsubscribe(subscription.endpoint)
  return "off"
}

/** For who signs out: the push service tells the server that nobody is here. */
export async function forget() {
  if (isSupported()) await (await current())?.unsubscribe()
}

async function current() {
  const registration = await navigator.serviceWorker.getRegistration()
  return registration?.pushManager.getSubscription()
}

export function wishOf({ endpoint, keys }: PushSubscriptionJSON, label: string, language: Locale): Wish {
  const { p256dh, auth } = keys ?? {}
  if (!endpoint || !p256dh || !auth) throw new Error("The browser's subscription is not whole")
  return { endpoint, p256dh, auth, label, language }
}

export function bytesOf(base64url: string) {
  return Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0))
}

const browsers = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
] as const
const systems = [
  [/Android/, "Android"],
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux|CrOS/, "Linux"],
] as const

/** A browser as people know it. */
export function labelOf(agent: string) {
  const name = (list: readonly (readonly [RegExp, string])[]) => list.find(([pattern]) => pattern.test(agent))?.[1]
  return [name(browsers) ?? "?", name(systems) ?? "?"].join(", ")
}
