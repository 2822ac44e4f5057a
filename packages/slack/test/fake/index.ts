export * as Fake from "./index.ts"
import { createHmac } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import { faultsOf, methods } from "./method.ts"
import { type Person, type Posted, workspace } from "./workspace.ts"

export type { Posted } from "./workspace.ts"

/** Slack, as far as a bot sees it: a server of the Web API that is as strict as the real one, and people who write. */

export const team = "T0TEAM"
export const bot = { userID: "U0BOT", botID: "B0BOT" }
export const botToken = "xoxb-only-in-tests"
export const appToken = "xapp-only-in-tests"
export const signingSecret = "a signing secret that only tests use"

/** How a call is answered instead. `lost`: it is done, but the answer never arrives. */
export type Fate = { status: number; headers?: Record<string, string> } | { error: string } | "lost"
interface Rule {
  method: string
  fate: Fate
  times: number
}

type Arguments = Record<string, string>

export type Server = Awaited<ReturnType<typeof start>>

export async function start(options: { scopes?: readonly string[] } = {}) {
  const space = workspace()
  const calls: { method: string; args: Arguments }[] = []
  const faults: string[] = []
  const rules: Rule[] = []
  const waiting: { until(): boolean; resolve(): void }[] = []
  let sockets: (() => string) | undefined

  function changed() {
    for (const [index, item] of [...waiting.entries()].toReversed())
      if (item.until()) {
        waiting.splice(index, 1)
        item.resolve()
      }
  }

  const server = createServer((request, response) => {
    handle(request, response)
      .catch((error: unknown) => {
        faults.push(String(error))
        response.writeHead(500).end()
      })
      .finally(changed)
  })

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const body = await buffer(request)
    const url = new URL(request.url ?? "/", "http://localhost")
    const authorization = request.headers.authorization
    if (url.pathname.startsWith("/upload/")) {
      const form = await new Response(new Uint8Array(body), {
        headers: { "content-type": String(request.headers["content-type"]) },
      }).formData()
      const part = form.get("body")
      space.fill(url.pathname.slice(8), part instanceof File ? Buffer.from(await part.arrayBuffer()) : body)
      return void response.end("OK")
    }
    if (url.pathname.startsWith("/files/")) {
      if (authorization !== `Bearer ${botToken}`) return void response.writeHead(302, { location: "/login" }).end()
      const file = space.file(url.pathname.slice(7))
      return void response
        .writeHead(file ? 200 : 404, { "content-type": file?.mimetype ?? "text/plain" })
        .end(file?.bytes)
    }
    const method = url.pathname.replace("/api/", "")
    const args = Object.fromEntries(new URLSearchParams(body.toString()))
    calls.push({ method, args })
    const rule = rules.find((rule) => rule.method === method && rule.times > 0)
    if (rule) rule.times--
    const fate = rule?.fate
    if (fate && typeof fate === "object" && "status" in fate)
      return void response.writeHead(fate.status, fate.headers).end()
    const answer = fate && typeof fate === "object" ? { ok: false, ...fate } : call(method, args, authorization)
    if (fate === "lost") return void response.destroy()
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer))
  }

  function call(method: string, args: Arguments, authorization: string | undefined): object {
    const known = methods[method]
    if (!known) return refuse(method, "unknown_method")
    if (authorization !== `Bearer ${known.token === "app" ? appToken : botToken}`) return refuse(method, "invalid_auth")
    if (known.scope && options.scopes && !options.scopes.includes(known.scope))
      return { ok: false, error: "missing_scope" }
    const lacking = known.needs.filter((name) => !args[name])
    if (lacking.length > 0) return refuse(method, `invalid_arguments: ${lacking.join(", ")}`)
    const wrong = args["blocks"] ? faultsOf(JSON.parse(args["blocks"])) : []
    if (wrong.length > 0) return refuse(method, `invalid_blocks: ${wrong.join(", ")}`)
    if (method === "auth.test") return { ok: true, team_id: team, user_id: bot.userID, bot_id: bot.botID }
    if (method === "apps.connections.open") return sockets ? { ok: true, url: sockets() } : refuse(method, "no_sockets")
    return space.call(method, args, origin)
  }

  function refuse(method: string, error: string) {
    faults.push(`${method}: ${error}`)
    return { ok: false, error: error.split(":")[0] }
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url: `${origin}/api/`,
    origin,
    calls,
    faults,
    ...space,
    /** How the next calls of a method end. */
    fate: (method: string, fate: Fate, times = 1) => void rules.push({ method, fate, times }),
    /** Says where socket mode is. */
    openSockets: (address: () => string) => void (sockets = address),
    /** A file that people can share. */
    share: (name: string, mimetype: string, bytes: Buffer) => space.share(name, mimetype, bytes, origin),
    /** Resolves when `until` holds, which is asked now and after each call. */
    when: (until: () => boolean) =>
      new Promise<void>((resolve) => {
        waiting.push({ until, resolve })
        changed()
      }),
    texts: (ts: string) => space.thread(ts).map((message: Posted) => message.text),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Said {
  user?: string
  channel?: string
  text?: string
  thread_ts?: string
  ts: string
  type?: "message" | "app_mention"
  extra?: object
}

let events = 0

/** The body that tells of a message. */
export function event({
  user = "U0ANN",
  channel = "C0DEV",
  text = "",
  type = "app_mention",
  ts,
  extra,
  ...rest
}: Said) {
  const event_id = `Ev${String(++events).padStart(8, "0")}`
  const inner = { type, user, channel, text, ts, event_ts: ts, team, ...rest, ...extra }
  return {
    ...{ token: "x", team_id: team, api_app_id: "A0", type: "event_callback", event_id, event_time: 1 },
    authorizations: [{ team_id: team, user_id: bot.userID, is_bot: true, is_enterprise_install: false }],
    event: inner,
  }
}

export const mention = (text: string) => `<@${bot.userID}> ${text}`

/** The body that tells of a pressed button of `message`. */
export function press(message: Posted, index: number, user = "U0ANN") {
  const buttons = message.blocks.find((block) => block["type"] === "actions") as
    { elements: { action_id: string; value: string }[] } | undefined
  const button = buttons?.elements[index]
  if (!button) throw new Error("There is no such button")
  return {
    type: "block_actions",
    team: { id: team, domain: "test" },
    user: { id: user, team_id: team },
    api_app_id: "A0",
    channel: { id: message.channel },
    message: { ...message, bot_id: bot.botID },
    container: { type: "message", message_ts: message.ts, channel_id: message.channel },
    actions: [{ type: "button", block_id: "choices", ...button, action_ts: `${1_700_009_000 + ++events}.000100` }],
  }
}

/** A request as Slack signs it. */
export function sign(
  payload: object,
  { secret = signingSecret, at = Date.now() }: { secret?: string; at?: number } = {},
) {
  const isForm = "actions" in payload
  const json = JSON.stringify(payload)
  const body = isForm ? new URLSearchParams({ payload: json }).toString() : json
  const timestamp = String(Math.floor(at / 1000))
  const signature = `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`
  return {
    body,
    headers: {
      "content-type": isForm ? "application/x-www-form-urlencoded" : "application/json",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": signature,
    },
  }
}

export type { Person }
