/// <reference lib="dom" />
import assert from "node:assert/strict"
import { check } from "./axe.ts"
import { type Case, visiting } from "./harness.ts"
import { cookieOf, expected, fillIn, isIn, page as ask, place, signIn } from "./sign-in-system.ts"

export const cases: Case[] = [
  ...(["light", "dark"] as const).map((theme): Case => ({
    name: `sign-in: axe finds nothing on its pages (${theme})`,
    run: (world) =>
      visiting(
        world,
        { theme, width: 390, height: 844 },
        async ({ page }) => {
          const { url } = place()
          for (const path of ["/auth/out", "/auth/problem?reason=role", "/auth/problem?reason=issuer&to=/usage"]) {
            await page.goto(url + path)
            await page.locator(".door h1").waitFor()
            await check(page, `${path} (${theme})`)
          }
          await signIn(page, "bob", "/settings")
          await page.getByText("API keys are managed by admins.").waitFor()
          await page.getByRole("button", { name: "Signed in as" }).click()
          await page.getByRole("menuitem", { name: "Sign out" }).waitFor()
          await check(page, `/settings as a member (${theme})`)
          assert.ok(
            await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
            "the page is not wider than the window",
          )
        },
        expected,
      ),
  })),
  {
    name: "sign-in: whoever is not signed in is sent to the issuer, and comes back to the page that was asked for",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page, context }) => {
          const { url } = place()
          await signIn(page, "ada", "/usage?days=30")
          await page.getByRole("heading", { name: "Usage" }).waitFor()
          await page.getByRole("button", { name: "Signed in as Ada Lovelace" }).click()
          await page.getByText("ada@example.com").waitFor()
          await page.getByText("Admin", { exact: true }).waitFor()
          const cookies = await context.cookies(url)
          const cookie = await cookieOf(context)
          assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, "Lax", "/"])
          assert.deepEqual(
            cookies.filter(({ name }) => name.startsWith("swe_attempt")),
            [],
          )
          await page.goto(`${url}/settings`)
          await page.getByRole("button", { name: "Make a key" }).waitFor()
          await page.locator(".shell[data-link=up]").waitFor()
        },
        expected,
      ),
  },
  {
    name: "sign-in: a wrong state is refused with a page that says so, in the reader's language, and leads on",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page, context }) => {
          const { url } = place()
          const answer = await page.goto(`${url}/auth/callback?code=x&state=wrong`)
          assert.equal(answer?.status(), 400)
          await page.getByRole("heading", { name: "This sign-in was not begun here" }).waitFor()
          await context.addCookies([{ name: "locale", value: "ja", url }])
          await page.reload()
          await page.getByRole("heading", { name: "このブラウザーで始めたサインインではありません" }).waitFor()
          await context.clearCookies()
          await page.reload()
          await page.getByRole("link", { name: "Try again" }).click()
          await fillIn(page, "ada")
          await page.waitForURL(`${url}/`)
          assert.equal(await isIn(`swe_person=${(await cookieOf(context)).value}`), true)
        },
        expected,
      ),
  },
  {
    name: "sign-in: what one browser began another cannot finish",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page, context }) => {
          const { url } = place()
          await page.goto(`${url}/new`)
          // Now this browser is like one that somebody else sends a finished sign-in to.
          await context.clearCookies({ name: /^swe_attempt/ })
          await fillIn(page, "ada")
          await page.getByRole("heading", { name: "This sign-in was not begun here" }).waitFor()
          assert.deepEqual(await context.cookies(url), [])
          const answer = await ask(page.url().slice(url.length), "swe_attempt_x=y")
          assert.equal(answer.status, 400)
        },
        expected,
      ),
  },
  {
    name: "sign-in: a code that was used, or never given, is refused",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page, context }) => {
          const { url } = place()
          const callback = Promise.withResolvers<string>()
          page.on("request", (request) => request.url().includes("/auth/callback") && callback.resolve(request.url()))
          await page.goto(`${url}/auth/login?to=/usage`)
          const attempts = (await context.cookies(url)).filter(({ name }) => name.startsWith("swe_attempt"))
          assert.equal(attempts.length, 1)
          await fillIn(page, "ada")
          await page.waitForURL(`${url}/usage`)
          const address = await callback.promise
          for (const again of [address, address.replace(/code=[^&]+/, "code=never")]) {
            await context.addCookies(attempts)
            const answer = await page.goto(again)
            assert.equal(answer?.status(), 400)
            await page.getByRole("heading", { name: "The sign-in could not be finished" }).waitFor()
            await page.getByText("Its code has ended or was used already.").waitFor()
          }
          await page.getByRole("link", { name: "Try again" }).click()
          await page.waitForURL(`${url}/usage`)
        },
        expected,
      ),
  },
  {
    name: "sign-in: whoever stops at the issuer is told so",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page }) => {
          const { url } = place()
          await page.goto(`${url}/new`)
          await page.getByRole("link", { name: "Cancel" }).click()
          await page.getByRole("heading", { name: "You were not let in" }).waitFor()
          await page.getByRole("link", { name: "Sign in as somebody else" }).click()
          await fillIn(page, "ada")
          await page.waitForURL(`${url}/new`)
        },
        expected,
      ),
  },
  {
    name: "sign-in: a person without a role is refused, and may be somebody else",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page, context }) => {
          const { url } = place()
          for (const name of ["eve", "mallory"]) {
            await context.clearCookies()
            await page.goto(`${url}/new`)
            await fillIn(page, name)
            await page.getByRole("heading", { name: "You may not use this dashboard" }).waitFor()
            const known = await context.cookies(url)
            assert.deepEqual(
              known.filter((cookie) => cookie.name === "swe_person"),
              [],
              `${name} is nobody here`,
            )
            await page.goto(`${url}/`)
            await page.getByRole("heading", { name: "You may not use this dashboard" }).waitFor()
          }
          await page.getByRole("link", { name: "Sign in as somebody else" }).click()
          await fillIn(page, "bob")
          await page.waitForURL(`${url}/`)
          await page.getByRole("button", { name: "Signed in as Bob <b>Member</b>" }).waitFor()
        },
        expected,
      ),
  },
  {
    name: "sign-in: no return path leads to another site",
    run: (world) =>
      visiting(
        world,
        {},
        async ({ page }) => {
          const { url } = place()
          await signIn(page, "ada")
          const wanted = [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example/",
            "/\t/evil.example/",
            "/.//evil.example/",
            "\\\\evil.example",
            "javascript:alert(1)",
            "/auth/login?to=/",
            "http:evil.example",
          ]
          for (const to of wanted) {
            const answer = await page.goto(`${url}/auth/login?${new URLSearchParams({ to })}`)
            assert.equal(page.url(), `${url}/`, to)
            assert.equal(answer?.status(), 200, to)
          }
        },
        expected,
      ),
  },
]
