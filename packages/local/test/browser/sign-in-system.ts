import assert from "node:assert/strict"
import { readdir, readFile } from "node:fs/promises"
import path from "node:path"
import type { BrowserContext, Page } from "playwright-core"
import { Config } from "../../src/config.ts"
import { start as startSystem, type System } from "../system.ts"
import * as Issuer from "./sign-in-issuer.ts"

/** What a browser says of an answer that refuses, and of the issuer's pages, which want a font and an icon. */
export const expected = [
  /Failed to load resource: the server responded with a status of (?:40[0-4]|502)/,
  /Failed to load resource: net::ERR_(?:NAME_NOT_RESOLVED|INTERNET_DISCONNECTED)/,
]

/** A system of its own process whose people sign in at an issuer of the tests. */

let running: { url: string; issuer: Issuer.Issuer; system: System } | undefined

export async function start(home: string) {
  const issuer = await Issuer.start()
  const system = await startSystem({
    home,
    env: {
      ...{ OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: Issuer.client.id, OIDC_CLIENT_SECRET: Issuer.client.secret },
      EGRESS_ALLOWED_DOMAINS: "configured.example",
    },
  })
  issuer.serve(system.url)
  running = { url: system.url, issuer, system }
}

export async function stop() {
  await running?.system.end("SIGTERM")
  await running?.issuer.close()
}

export function place() {
  if (!running) throw new Error("The system with an issuer has not been started")
  return running
}

/** Fills in the issuer's form, which has to be shown. */
export async function fillIn(page: Page, name: string) {
  await page.getByPlaceholder("Enter any login").fill(name)
  await page.getByPlaceholder("and password").fill("secret")
  await page.getByRole("button", { name: "Sign-in" }).click()
}

/** Signs in and comes back to `path`. */
export async function signIn(page: Page, name: string, path = "/") {
  const { url } = place()
  await page.goto(url + path)
  await fillIn(page, name)
  await page.waitForURL(url + path)
}

export async function cookieOf(context: BrowserContext) {
  const cookies = await context.cookies(place().url)
  const found = cookies.find(({ name }) => name === "swe_person")
  assert.ok(found, "there is a cookie of the sign-in")
  return found
}

/** Asks for a page as a browser with this cookie would; redirects are not followed. */
export async function page(path: string, cookie = "") {
  const { url } = place()
  return fetch(url + path, { headers: { cookie, accept: "text/html" }, redirect: "manual" })
}

/** Whether a page is shown, or whoever asks for it is sent to the issuer. */
export async function isIn(cookie: string) {
  const answer = await page("/settings", cookie)
  const text = await answer.text()
  if (answer.status === 200) return text.includes("Settings")
  assert.equal(answer.status, 303)
  assert.match(answer.headers.get("location") ?? "", /^\/auth\/login\?to=%2Fsettings$/)
  return false
}

/** Calls a server function without a page. */
export async function call(id: string, cookie = "", body?: { text: string; headers: Record<string, string> }) {
  const { url } = place()
  const headers = { cookie, origin: url, "x-server-id": id, "x-server-instance": "server-fn:0", ...body?.headers }
  return fetch(`${url}/_server`, { method: "POST", headers, ...(body && { body: body.text }) })
}

/** Every server function that browsers know of. */
export async function serverFunctions() {
  const folder = path.join(Config.root, "web", ".output", "public", "_build", "assets")
  const files = (await readdir(folder)).filter((name) => name.endsWith(".js"))
  const texts = await Promise.all(files.map((name) => readFile(path.join(folder, name), "utf8")))
  const ids = texts.flatMap((text) => [...text.matchAll(/[`"']([0-9a-f]{8}-\d+)[`"']/g)].map(([, id]) => id ?? ""))
  return [...new Set(ids)].sort()
}
