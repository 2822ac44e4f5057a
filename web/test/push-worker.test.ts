import { readFileSync } from "node:fs"
import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"

/** The service worker as browsers load it, in a scope that is written down here. */

const script = readFileSync(new URL("../public/push.js", import.meta.url), "utf8")

interface Page {
  url: string
  visibilityState: "visible" | "hidden"
}

function browser(...pages: Page[]) {
  const shown: { title: string; body: string; tag: string; data: unknown }[] = []
  const focused: string[] = []
  const opened: string[] = []
  const listeners = new Map<string, (event: object) => void>()
  const self = {
    location: { origin: "https://swe.example.com" },
    addEventListener: (name: string, listener: (event: object) => void) => void listeners.set(name, listener),
    clients: {
      matchAll: async () => pages.map((page) => ({ ...page, focus: async () => void focused.push(page.url) })),
      openWindow: async (url: string) => void opened.push(url),
    },
    registration: {
      showNotification: async (title: string, rest: { body: string; tag: string; data: unknown }) =>
        void shown.push({ title, body: rest.body, tag: rest.tag, data: rest.data }),
    },
  }
  runInNewContext(script, { self, URL })
  async function fire(name: string, event: object) {
    let work: Promise<unknown> | undefined
    listeners.get(name)?.({ ...event, waitUntil: (promise: Promise<unknown>) => (work = promise) })
    await work
  }
  return {
    ...{ shown, focused, opened },
    push: (news: unknown) => fire("push", { data: { json: () => news } }),
    click: (path: string) => fire("notificationclick", { notification: { close: () => undefined, data: { path } } }),
  }
}

const news = { title: "Fix the login", body: "Finished.", path: "/session/ses_1", tag: "a" }
const at = (path: string, visibilityState: Page["visibilityState"] = "visible"): Page => {
  return { url: `https://swe.example.com${path}`, visibilityState }
}

test("what happened is shown, one note for each session", async () => {
  const { push, shown } = browser(at("/"), at("/session/ses_2"))
  await push(news)
  expect(shown).toEqual([{ title: news.title, body: news.body, tag: "a", data: { path: news.path } }])
})

test.each([
  ["looks at the session", at("/session/ses_1?view=changes"), 0],
  ["has the session behind other windows", at("/session/ses_1", "hidden"), 1],
])("who %s is told %#", async (_, page, count) => {
  const { push, shown } = browser(page)
  await push(news)
  expect(shown).toHaveLength(count)
})

test("a press goes to the page that shows the session, else opens one", async () => {
  const there = browser(at("/"), at("/session/ses_1", "hidden"))
  await there.click(news.path)
  expect([there.focused, there.opened]).toEqual([["https://swe.example.com/session/ses_1"], []])
  const elsewhere = browser(at("/"))
  await elsewhere.click(news.path)
  expect([elsewhere.focused, elsewhere.opened]).toEqual([[], ["https://swe.example.com/session/ses_1"]])
})

test.each(["https://evil.example.com/session/ses_1", "//evil.example.com/", "javascript:alert(1)"])(
  "a press never leads to %s",
  async (path) => {
    const it = browser()
    await it.click(path)
    expect(it.opened).toEqual([])
  },
)
