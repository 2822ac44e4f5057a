/// <reference lib="dom" />
import assert from "node:assert/strict"
import { Identifier } from "@remote-swe/core/identifier"
import type { Body } from "@remote-swe/core/log/schema"
import { type Case, visiting } from "./harness.ts"
import * as Scripted from "./scripted.ts"

const script = "globalThis.pwned=(globalThis.pwned??0)+1"
const texts = [
  `<script>${script}</script>`,
  `<img src=x onerror="${script}">`,
  `<svg/onload=${script}>`,
  `<iframe srcdoc="<script>parent.${script}</script>"></iframe>`,
  `[click](javascript:${script})`,
  `[click](data:text/html,<script>${script}</script>)`,
  `![x](https://evil.example/beacon.png)`,
  `<link rel=stylesheet href=https://evil.example/x.css><style>@import "https://evil.example/y.css"</style>`,
  `<form action=https://evil.example><input name=a autofocus onfocus="${script}"></form>`,
  `<pre>\n<img src=x onerror=${script}//`,
  `<base href="https://evil.example/">`,
  `\`\`\`html"><img src=x onerror=${script}>\n<script>${script}</script>\n\`\`\``,
  `<details open ontoggle="${script}">x</details>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${script}></style></mglyph></table></mtext></math>`,
  `| a <img src=x onerror=${script}> |\n| - |\n| <script>${script}</script> |`,
]

export const cases: Case[] = [
  {
    name: "hostile text runs nothing, wherever it stands, and reaches nobody",
    run: (world) =>
      visiting(world, {}, async ({ page, origins }) => {
        const { url } = Scripted.system()
        const id = await Scripted.quiet(texts[1] ?? "", log())
        for (const theme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme: theme })
          await page.goto(`${url}/session/${id}`)
          await page.locator(".request-card").waitFor()
          await page.evaluate(() => {
            for (const head of Array.from(document.querySelectorAll<HTMLElement>('.head[aria-expanded="false"]')))
              head.click()
            for (const fold of Array.from(document.querySelectorAll<HTMLElement>(".fold > summary"))) fold.click()
          })
          await page.locator(".prose a").first().click({ trial: true })
        }
        await page.goto(url)
        await page.locator(".sessions > li").first().waitFor()
        assert.equal(await page.evaluate(() => (globalThis as { pwned?: number }).pwned), undefined)
        assert.deepEqual([...origins], [url])
        await page.goto(`${url}/session/${id}`)
        await page.locator(".request-card").waitFor()
        const bad = await page.locator(".session").evaluate((element) =>
          Array.from(element.querySelectorAll("*")).flatMap((item) => [
            ...(/^(script|iframe|object|embed|style|link|base|form|input|img)$/i.test(item.tagName) &&
            item.closest(".prose")
              ? [item.outerHTML]
              : []),
            ...Array.from(item.attributes)
              .filter(({ name }) => name.startsWith("on"))
              .map(({ name }) => name),
            ...(/^(javascript|data|vbscript):/i.test(item.getAttribute("href") ?? "") ? [item.outerHTML] : []),
          ]),
        )
        assert.deepEqual(bad, [])
      }),
  },
  {
    name: "what the server sends before any script runs holds no markup of others",
    run: async (world) => {
      const { url } = Scripted.system()
      const id = await Scripted.quiet(texts[1] ?? "", log())
      const response = await fetch(`${url}/session/${id}`)
      const html = await response.text()
      const visit = await world.browser.visit()
      const found = await visit.page.evaluate((html) => {
        const page = new DOMParser().parseFromString(html, "text/html")
        return Array.from(page.querySelectorAll("*")).flatMap((item) => [
          ...Array.from(item.attributes).flatMap(({ name }) =>
            /^on|^style$/.test(name) ? [`${item.tagName} ${name}`] : [],
          ),
          ...(item.closest(".row") && /^(script|iframe|img|form|style|base)$/i.test(item.tagName)
            ? [item.outerHTML]
            : []),
          ...(/^(javascript|data|vbscript):/i.test(item.getAttribute("href") ?? "") ? [item.outerHTML] : []),
        ])
      }, html)
      const marked = await visit.page.evaluate((html) => {
        const page = new DOMParser().parseFromString(html, "text/html")
        return Array.from(page.querySelectorAll(".prose *"), (item) => item.tagName)
      }, html)
      await visit.context.close()
      assert.deepEqual(found, [])
      // Texts are there, and are made into markup in the browser only.
      assert.deepEqual([...new Set(marked)], ["P"])
      const policy = response.headers.get("content-security-policy") ?? ""
      assert.match(policy, /default-src 'none'/)
      assert.match(policy, /script-src 'self' 'nonce-[^']+'/)
      assert.doesNotMatch(policy, /unsafe/)
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1]
      const scripts = html.match(/<script[^>]*>/g) ?? []
      assert.ok(scripts.length > 0)
      assert.deepEqual(
        scripts.filter((tag) => !tag.includes(`nonce="${nonce}"`)),
        [],
      )
    },
  },
  {
    name: "server functions answer our own pages only",
    run: async () => {
      const { url } = Scripted.system()
      const html = await (await fetch(`${url}/`)).text()
      assert.ok(html)
      const asked: [string, RequestInit][] = [
        [`${url}/_server?id=x&args=[]`, {}],
        [`${url}/_server`, { method: "POST", headers: { "x-server-id": "x" } }],
        [`${url}/_server`, { method: "POST", headers: { "x-server-id": "x", origin: "https://evil.example" } }],
        [`${url}/_server`, { method: "POST", headers: { "x-server-id": "x", origin: "null" } }],
        [`${url}/_server?id=x`, { headers: { "x-server-id": "x", "sec-fetch-site": "cross-site" } }],
      ]
      for (const [address, init] of asked) assert.equal((await fetch(address, init)).status, 403, JSON.stringify(init))
    },
  },
]

function log(): Body[] {
  const id = () => Identifier.create("event")
  const turnID = Identifier.create("turn")
  const all = texts.join("\n\n")
  const tokens = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 }
  const call = { type: "call" as const, id: "call_1", name: texts[1] ?? "", input: { command: all, path: texts[1] } }
  const edit = { type: "call" as const, id: "call_2", name: "edit", input: { path: "a.html", old: all, new: "" } }
  const text = (text: string) => ({ type: "text" as const, text })
  const change = { path: texts[1] ?? "", status: "added" as const, additions: 1, deletions: 0 }
  return [
    ...texts.map((text): Body => ({ id: id(), kind: "notice", level: "warning", code: "x", text })),
    ...[all, ...texts].map((words): Body => ({
      ...{ id: id(), kind: "output", turnID, read: [], model: "m", stopReason: "calls", tokens, cost: null },
      content: [text(words), { type: "reasoning", text: words }, call, edit],
      durationMs: 1,
    })),
    { id: id(), kind: "result", turnID, callID: "call_1", name: "x", content: [text(all)], error: true, durationMs: 1 },
    {
      ...{ id: id(), kind: "result", turnID, callID: "call_2", name: "edit", content: [text(all)], error: false },
      durationMs: 1,
      view: { patch: `@@ -1 +1 @@\n-${texts[0]}\n+${texts[1]}\n` },
    },
    { id: id(), kind: "ask", askID: Identifier.create("ask"), type: "question", text: all, options: texts.slice(0, 3) },
    {
      id: id(),
      kind: "artifact",
      artifact: {
        ...{ type: "pull_request", repository: texts[1] ?? "", host: "record", number: 1, title: texts[0] ?? "" },
        ...{ url: `javascript:${script}`, body: all, branch: texts[1] ?? "", base: "main", commit: "abc" },
        changes: [change],
      },
    },
    { id: id(), kind: "artifact", artifact: { type: "preview", url: `javascript:${script}`, title: texts[1] ?? "" } },
  ]
}
