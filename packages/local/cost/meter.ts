import { existsSync, statSync } from "node:fs"
import path from "node:path"
import { table } from "@remote-swe/core/dynamo/table"
import type { Packet } from "mqtt-packet"
import { root } from "../src/config.ts"
import { names } from "../src/resource.ts"
import { type Counts, zero } from "./counts.ts"
import * as Dynamo from "./dynamo.ts"
import type { Exchange } from "./http.ts"
import * as Http from "./http.ts"
import type { Item } from "./item.ts"
import * as Mqtt from "./mqtt.ts"

/** What one kind of request came to. */
export interface Detail {
  count: number
  /** Request units, messages or milliseconds. */
  amount: number
}

export interface Reading {
  counts: Counts
  details: Map<string, Detail>
  /** How long each request to a function took. */
  ms: { api: number[]; pages: number[] }
}

const messageBytes = 5 * 1024
const publicFiles = path.join(root, "web", ".output", "public")

export type Meter = ReturnType<typeof create>

/** Hears of what is asked of the table. */
type Listener = (operation: string, request: Dynamo.Request) => void

/** Counts from now on what this process is asked for, as the services in the cloud would charge it. */
export function create(onTable: Listener) {
  const dynamo = Dynamo.create(table)
  const problems: Error[] = []
  let now = begin()
  let open = 0

  function begin() {
    return {
      at: performance.now(),
      counts: { ...zero },
      details: new Map<string, Detail>(),
      ms: { api: [] as number[], pages: [] as number[] },
      connectedAt: performance.now(),
    }
  }

  function note(name: string, amount: number) {
    const { count, amount: before } = now.details.get(name) ?? { count: 0, amount: 0 }
    now.details.set(name, { count: count + 1, amount: before + amount })
  }

  /** Connections take time, in which their number does not change. */
  function passConnections() {
    const at = performance.now()
    now.counts.connected += (open * (at - now.connectedAt)) / 1000
    now.connectedAt = at
  }

  function message(name: string, bytes: number) {
    const amount = Math.max(1, Math.ceil(bytes / messageBytes))
    now.counts.messages += amount
    note(`iot ${name}`, amount)
  }

  function onDynamo(operation: string, { body, status, answer }: Exchange) {
    const request: Dynamo.Request = JSON.parse(body.toString())
    const told: { __type?: string; ScannedCount?: number } = JSON.parse(answer.toString() || "{}")
    const refused = told.__type?.endsWith("ConditionalCheckFailedException") ?? false
    if (status !== 200 && !refused) throw new Error(`${operation} was answered ${status}: ${told.__type}`)
    const { reads, writes } = dynamo.request(operation, request, { refused, scanned: told.ScannedCount ?? 0 })
    now.counts.reads += reads
    now.counts.writes += writes
    note(`dynamo ${operation} ${subject(request)}${refused ? " (refused)" : ""}`, reads + writes)
    if (!refused) onTable(operation, request)
  }

  function onTopic(topic: string, { body, answer }: Exchange) {
    const channel = topic.split("/").at(-1)
    message(`publish ${channel} by the API`, body.length)
    // The answer is metered as well where it has a body.
    if (answer.length > 0) message("answer to the API", answer.length)
  }

  function onBucket({ method, url }: Exchange) {
    const { pathname, searchParams } = new URL(url, "http://bucket")
    const isList = method === "GET" && (pathname.split("/").filter(Boolean).length < 2 || searchParams.has("list-type"))
    if (method === "DELETE" || (method === "POST" && searchParams.has("delete"))) return
    if (method === "OPTIONS") return
    if (isList || ["PUT", "POST"].includes(method)) now.counts.puts++
    else now.counts.gets++
    note(`s3 ${method} ${generic(pathname)}`, 1)
  }

  function onDoor(kind: "api" | "pages" | "files", { method, url, body, answer, ms }: Exchange) {
    const { pathname } = new URL(url, "http://door")
    now.counts[kind]++
    if (kind !== "files") now.ms[kind].push(ms)
    now.counts.sent += answer.length
    if (pathname.startsWith("/api/v1/worker/")) now.counts.received += body.length
    note(`${kind} ${method} ${kind === "files" ? "" : generic(pathname)}`, ms)
  }

  function onExchange(exchange: Exchange) {
    const { url, headers } = exchange
    const target = String(headers["x-amz-target"] ?? "")
    if (target.startsWith("DynamoDB_")) return onDynamo(target.split(".")[1] ?? "", exchange)
    if (target === "AmazonSQS.SendMessage") return void now.counts.queued++
    const [, topic] = /^\/topics\/([^?]+)/.exec(url) ?? []
    if (topic) return onTopic(decodeURIComponent(topic), exchange)
    if (url.startsWith(`/${names.bucket}`)) return onBucket(exchange)
    // The model is nobody's of ours.
    if (url.startsWith("/v1/messages")) return
    if (url.startsWith("/api/v1")) return onDoor("api", exchange)
    onDoor(isFile(url) ? "files" : "pages", exchange)
  }

  function onPacket(from: "client" | "broker", packet: Packet) {
    if (packet.cmd === "publish") {
      const channel = packet.topic.split("/").at(-1)
      const bytes = Buffer.byteLength(packet.topic) + packet.payload.length
      return message(from === "client" ? `publish ${channel} by the worker` : `deliver ${channel}`, bytes)
    }
    if (from === "broker") return
    if (packet.cmd === "connect") now.counts.authorised++
    if (["connect", "subscribe", "puback"].includes(packet.cmd)) message(packet.cmd, 0)
  }

  /** A figure that is wrong is worse than none: what cannot be counted is thrown by `take`. */
  function guarded<Given extends unknown[]>(work: (...given: Given) => void) {
    return (...given: Given) => {
      try {
        work(...given)
      } catch (error) {
        problems.push(error instanceof Error ? error : new Error(String(error)))
      }
    }
  }

  Http.observe(guarded(onExchange))
  Mqtt.observe({
    packet: guarded(onPacket),
    opened() {
      passConnections()
      open++
    },
    closed() {
      passConnections()
      open--
    },
  })

  return {
    logged: (bytes: number) => void (now.counts.logged += bytes),
    /** What was used since the last time. */
    take(): Reading {
      if (problems.length > 0) throw new AggregateError(problems, "Not everything could be counted")
      passConnections()
      const { at, counts, details, ms } = now
      now = begin()
      return { counts: { ...counts, seconds: (now.at - at) / 1000 }, details, ms }
    },
    /** Bytes that the table keeps of a session. */
    stored: (sessionID: string) =>
      dynamo.stored((item: Item) => [item["pk"]?.S, item["sk"]?.S].some((key) => key?.includes(sessionID))),
  }
}

/** Which kind of item a request is about, by its sort key or index. */
function subject(request: Dynamo.Request) {
  const { IndexName, ExpressionAttributeValues: values = {} } = request
  if (IndexName) return `by ${IndexName}, ${generic(values[":pk"]?.S ?? "")}`
  const key = request.Item ?? request.Key
  if (key) return kindOf(key["pk"]?.S, key["sk"]?.S)
  return kindOf(values[":pk"]?.S, values[":sk1"]?.S)
}

const kindOf = (pk = "", sk = "") => (pk.startsWith("session#") ? sk : pk).split("#")[0]

const generic = (text: string) =>
  text
    .replace(/[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}/g, "<id>")
    .replace(/[0-9a-f]{40,}/g, "<hash>")
    .replace(/\d{4}-\d{2}/g, "<month>")

/** The dashboard's own files, by the path that asks for them. */
function isFile(url: string) {
  const { pathname } = new URL(url, "http://door")
  const file = path.join(publicFiles, pathname)
  return pathname !== "/" && existsSync(file) && statSync(file).isFile()
}
