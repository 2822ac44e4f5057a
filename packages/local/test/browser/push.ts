/// <reference lib="dom" />
/// <reference lib="webworker" />
import assert from "node:assert/strict"
import type { CDPSession } from "playwright-core"
import { type Case, eventually, visiting } from "./harness.ts"
import * as Scripted from "./scripted.ts"

/** No push service is asked: the browser's own part is stood in for, and messages are handed to the service worker. */

const endpoint = "https://push.example.com/browser"
/** A public key of P-256, and 16 bytes. */
const keys = {
  p256dh: "BOsclP0RJuz4UhXRXDhFU875V7dxsRf7K1XRPpmVAyxc0fV9tXYCIuaC8gAxIMwwcvTOnjxUxLsMsPZ5ytdpkvw",
  auth: "HglP4WrKNQ4dv9kgJlRTMQ",
}

/** Subscribing as a browser does that reaches its push service. Kept in the page: it is not loaded again. */
function standIn(subscription: { endpoint: string; keys: typeof keys }) {
  let current: object | null = null
  async function unsubscribe() {
    current = null
    return true
  }
  const made = { ...subscription, toJSON: () => subscription, unsubscribe }
  PushManager.prototype.subscribe = async ({ applicationServerKey } = {}) => {
    if (!(applicationServerKey instanceof Uint8Array) || applicationServerKey.length !== 65) throw new Error("No key")
    return (current = made) as unknown as PushSubscription
  }
  PushManager.prototype.getSubscription = async () => current as PushSubscription | null
}

async function workerOf(cdp: CDPSession) {
  const ids: string[] = []
  cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) =>
    ids.push(...registrations.map((item) => item.registrationId)),
  )
  await cdp.send("ServiceWorker.enable")
  return eventually(async () => {
    const id = ids.at(-1)
    assert.ok(id, "the service worker is registered")
    return id
  })
}

export const cases: Case[] = [
  {
    name: "notifications are switched on and off, shown, and not for the session that one looks at",
    run: (world) =>
      visiting(world, {}, async ({ page, context }) => {
        const { url } = Scripted.system()
        const id = await Scripted.quiet("Notify me", [])
        await context.grantPermissions(["notifications"], { origin: url })
        await page.addInitScript(standIn, { endpoint, keys })
        await page.goto(`${url}/settings`)
        await page.getByRole("button", { name: "Turn on in this browser" }).click()
        await page.getByRole("button", { name: "Turn off in this browser" }).waitFor()
        const cdp = await context.newCDPSession(page)
        const registrationId = await workerOf(cdp)
        const news = { title: "Notify me", body: "Finished.", path: `/session/${id}`, tag: "a" }
        const push = (tag: string) =>
          cdp.send("ServiceWorker.deliverPushMessage", {
            ...{ origin: url, registrationId },
            data: JSON.stringify({ ...news, tag }),
          })
        const shown = () =>
          page.evaluate(async () => {
            const registration = await navigator.serviceWorker.ready
            return (await registration.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }))
          })
        await push("a")
        await push("a")
        await eventually(async () =>
          assert.deepEqual(await shown(), [{ title: "Notify me", body: "Finished.", tag: "a" }]),
        )
        await page.getByRole("button", { name: "Turn off in this browser" }).click()
        await page.getByRole("button", { name: "Turn on in this browser" }).waitFor()
        await page.goto(`${url}/session/${id}`)
        await page.locator(".composer").waitFor()
        await push("looked at")
        await page.goto(`${url}/`)
        await push("elsewhere")
        await eventually(async () =>
          assert.deepEqual((await shown()).map(({ tag }) => tag).toSorted(), ["a", "elsewhere"]),
        )
      }),
  },
  {
    name: "who refuses notifications is told where to allow them",
    run: (world) =>
      visiting(world, {}, async ({ page }) => {
        const { url } = Scripted.system()
        await page.addInitScript(() => {
          Object.defineProperty(Notification, "permission", { get: () => "denied" })
        })
        await page.goto(`${url}/settings`)
        await page.getByText("This browser blocks notifications of the dashboard.").waitFor()
      }),
  },
]
