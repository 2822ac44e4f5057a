/// <reference lib="dom" />
import assert from "node:assert/strict"
import { type Case, visiting } from "./harness.ts"
import {
  call,
  cookieOf,
  expected,
  fillIn,
  isIn,
  page as ask,
  place,
  serverFunctions,
  signIn,
} from "./sign-in-system.ts"

export const cases: Case[] = [
  {
    name: "sign-in: a cookie that was changed is worth nothing",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page, context }) => {
          await signIn(page, "ada")
          const { value } = await cookieOf(context)
          assert.equal(await isIn(`swe_person=${value}`), true)
          const [secret = "", signature = ""] = value.split(".")
          const flip = (text: string) => (text.startsWith("A") ? "B" : "A") + text.slice(1)
          for (const other of [
            ...[
              `${flip(secret)}.${signature}`,
              `${secret}.${flip(signature)}`,
              secret,
              `${secret}.`,
              `.${signature}`,
              "",
            ],
            ...["%", `${value}; swe_person=${value}`, `${value}x`, "[object Object]", "x".repeat(5_000)],
          ])
            assert.equal(await isIn(`swe_person=${other}`), false, other)
        },
        expected,
      ),
  },
  {
    name: "sign-in: somebody whom the issuer no longer knows is out at the next check, for good",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page, context }) => {
          const { url, issuer } = place()
          // So short that every request is one to check at.
          issuer.state.idTokenSeconds = 30
          await signIn(page, "ada", "/settings")
          const cookie = `swe_person=${(await cookieOf(context)).value}`
          assert.equal(await isIn(cookie), true)
          assert.ok(issuer.state.refreshes > 0, "the issuer was asked")
          await page.locator(".shell[data-link=up]").waitFor()
          issuer.state.disabled.add("ada")
          await page.getByLabel("Name").fill("too late")
          await page.getByRole("button", { name: "Make a key" }).click()
          await page.locator(".signed-out").getByText("You are signed out. Sign in to go on.").waitFor()
          assert.equal(await page.getByLabel("Name").inputValue(), "too late", "what was typed is still there")
          assert.equal(await isIn(cookie), false)
          issuer.state.disabled.clear()
          issuer.state.idTokenSeconds = 3_600
          assert.equal(await isIn(cookie), false)
          await page.locator(".signed-out").getByRole("link", { name: "Sign in" }).click()
          await page.waitForURL(`${url}/settings`)
          await page.getByRole("button", { name: "Make a key" }).waitFor()
        },
        expected,
      ),
  },
  {
    name: "sign-in: whoever signs out is out, here and at the issuer, and a copy of the cookie is worth nothing",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page, context }) => {
          const { url } = place()
          await signIn(page, "ada", "/usage")
          const cookie = `swe_person=${(await cookieOf(context)).value}`
          await page.getByRole("button", { name: "Signed in as Ada Lovelace" }).click()
          await page.getByRole("menuitem", { name: "Sign out" }).click()
          await page.getByRole("button", { name: "Yes, sign me out" }).click()
          await page.getByRole("heading", { name: "You are signed out" }).waitFor()
          assert.equal(page.url().split("?")[0], `${url}/auth/out`)
          const names = (await context.cookies(url)).map(({ name }) => name)
          assert.deepEqual(
            names.filter((name) => name.startsWith("swe_")),
            [],
          )
          assert.equal(await isIn(cookie), false)
          const [id = ""] = await serverFunctions()
          assert.equal((await call(id, cookie)).status, 401)
          await page.getByRole("link", { name: "Sign in" }).click()
          await fillIn(page, "bob")
          await page.waitForURL(`${url}/`)
        },
        expected,
      ),
  },
  {
    name: "sign-in: no server function answers anybody who is not signed in",
    run: async () => {
      const ids = await serverFunctions()
      assert.ok(ids.length > 15, `there are ${ids.length}`)
      const answers = await Promise.all(
        ids.map(async (id) => {
          const answer = await call(id)
          return { id, status: answer.status, text: await answer.text() }
        }),
      )
      assert.deepEqual(
        answers.filter(({ status, text }) => status !== 401 || !text.includes("actor.unknown")),
        [],
      )
      for (const path of ["/", "/new", "/session/ses_00000000000000000000000000", "/nothing", "/_serverx"])
        assert.ok([303, 403].includes((await ask(path)).status), path)
      const { url } = place()
      assert.equal((await fetch(`${url}/settings`)).status, 401, "a program is told")
    },
  },
  {
    name: "sign-in: other sites can do nothing with a browser that is signed in",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page, context }) => {
          const { url, issuer } = place()
          await signIn(page, "ada")
          const cookie = `swe_person=${(await cookieOf(context)).value}`
          await page.goto(`${issuer.url}/other/form`)
          const [posted] = await Promise.all([
            page.waitForResponse(`${url}/auth/logout`),
            page.getByRole("button", { name: "Press here" }).click(),
          ])
          assert.equal(posted.status(), 403)
          await page.goto(`${issuer.url}/other/script`)
          const [id = ""] = await serverFunctions()
          for (const path of ["/auth/logout", "/_server", `/_server?id=${id}`]) {
            const failed = page.evaluate(
              (address) =>
                fetch(address, { method: "POST", credentials: "include" }).then(
                  () => "answered",
                  () => "kept",
                ),
              url + path,
            )
            assert.equal(await failed, "kept", path)
          }
          const asked: [string, Record<string, string>][] = [
            ["/auth/logout", {}],
            ["/auth/logout", { origin: "null" }],
            ["/auth/logout", { origin: "https://evil.example" }],
            ["/auth/logout", { origin: url.replace("http:", "https:") }],
            ["/auth/logout", { origin: url, "sec-fetch-site": "cross-site" }],
            ["/_server", { "x-server-id": id }],
            ["/_server", { "x-server-id": id, origin: issuer.url }],
            ["/settings", {}],
          ]
          for (const [path, headers] of asked) {
            const answer = await fetch(url + path, { method: "POST", headers: { cookie, ...headers } })
            assert.equal(answer.status, 403, `${path} ${JSON.stringify(headers)}`)
          }
          assert.equal((await ask("/auth/logout", cookie)).status === 200, false, "leaving is no address to visit")
          assert.equal(await isIn(cookie), true, "still signed in")
        },
        [...expected, /blocked by CORS policy/, /Failed to load resource: net::ERR_FAILED/],
      ),
  },
  {
    name: "sign-in: a member uses everything but keys, which the server refuses",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page, context }) => {
          const { url } = place()
          await signIn(page, "ada", "/settings")
          const admin = `swe_person=${(await cookieOf(context)).value}`
          const [request] = await Promise.all([
            page.waitForRequest((item) => item.url() === `${url}/_server` && /made by/.test(item.postData() ?? "")),
            page
              .getByLabel("Name")
              .fill("made by ada")
              .then(() => page.getByRole("button", { name: "Make a key" }).click()),
          ])
          await page.locator(".made code").waitFor()
          const sent = await request.allHeaders()
          const id = sent["x-server-id"] ?? ""
          const format = Object.entries(sent).filter(([name]) => /^(content-type|x-start-)/.test(name))
          const body = { text: request.postData() ?? "", headers: Object.fromEntries(format) }
          await context.clearCookies()
          await signIn(page, "bob", "/settings")
          await page.getByText("API keys are managed by admins.").waitFor()
          assert.equal(await page.getByRole("button", { name: "Make a key" }).count(), 0)
          const member = `swe_person=${(await cookieOf(context)).value}`
          const answer = await call(id, member, body)
          assert.equal(answer.status, 403)
          assert.match(await answer.text(), /actor\.forbidden/)
          assert.equal((await call(id, admin, body)).status, 200, "the same request works for an admin")
          await page.goto(`${url}/new`)
          await page.getByRole("button", { name: "Start session" }).waitFor()
          await page.goto(`${url}/usage`)
          await page.getByRole("heading", { name: "Usage" }).waitFor()
        },
        expected,
      ),
  },
]
