import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { methods } from "./fake/method.ts"

/** The manifests ask for what the code needs, and for nothing else. */

const root = fileURLToPath(new URL("../..", import.meta.url))
const read = (name: string) => JSON.parse(readFileSync(path.join(root, "slack", "manifest", `${name}.json`), "utf8"))

function sources(folder: string): string[] {
  const names = readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
  return names.filter((name) => name.endsWith(".ts")).map((name) => readFileSync(path.join(root, folder, name), "utf8"))
}

const code = [...sources("core/src/slack"), ...sources("slack/src")].join("\n")

/** Methods that the code calls by name; the client's helper for uploads calls two. */
const called = [
  ...[...code.matchAll(/\b(chat|users|auth|reactions)\s*\.(\w+)\(/g)].map(([, group, name]) => `${group}.${name}`),
  ...[...code.matchAll(/paginate\("([\w.]+)"/g)].map(([, name]) => name ?? ""),
  ...(code.includes("filesUploadV2(") ? ["files.getUploadURLExternal", "files.completeUploadExternal"] : []),
  ...(code.includes("SocketModeClient(") ? ["apps.connections.open"] : []),
]

/** Where the bot is told of what is said: the event's right, and that to read the kind of conversation. */
const events: Record<string, string> = {
  app_mention: "app_mentions:read",
  "message.channels": "channels:history",
  "message.groups": "groups:history",
  "message.im": "im:history",
  "message.mpim": "mpim:history",
}
/** Rights that make things better and that the code does without: whether a message whose answer was lost is there. */
const optional = "channels:history"

test("the test double knows every method that the code calls, and none besides", () => {
  expect([...new Set(called)].sort()).toEqual(Object.keys(methods).sort())
})

test.each(["minimal", "relaxed"])("%s.json has the rights for its calls and events, and no others", (name) => {
  const { oauth_config, settings } = read(name)
  const heard: string[] = settings.event_subscriptions.bot_events
  const needed = [
    ...Object.values(methods).flatMap(({ scope }) => (scope && scope !== optional ? [scope] : [])),
    ...heard.map((event) => events[event] ?? `unknown: ${event}`),
    // Files of messages are fetched by their address.
    "files:read",
  ]
  expect(oauth_config.scopes.bot).toEqual([...new Set(needed)].sort())
  expect(settings.interactivity.is_enabled).toBe(true)
  expect(settings.interactivity.request_url).toBe(settings.event_subscriptions.request_url)
})

test("the relaxed one hears what is said without a mention", () => {
  expect(read("minimal").settings.event_subscriptions.bot_events).toEqual(["app_mention"])
  expect(read("relaxed").settings.event_subscriptions.bot_events).toEqual(Object.keys(events))
})
