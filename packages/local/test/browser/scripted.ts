import assert from "node:assert/strict"
import { Server } from "node:http"
import type { Duplex } from "node:stream"
import { BatchWriteItemCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb"
import type { Body } from "@remote-swe/core/log/schema"
import { Config } from "../../src/config.ts"
import { start as startSystem } from "../../src/system.ts"
import { eventually } from "./harness.ts"
import * as Model from "./model.ts"

/** A system in this very process, whose model, broker and log are in the hands of the tests. */

const links = { isCut: false, sockets: new Set<Duplex>() }

/** Where every WebSocket of the system comes in: a broker that is down takes none and keeps none. */
function watchLinks() {
  const { emit } = Server.prototype
  Server.prototype.emit = function (this: Server, name: string, ...given: unknown[]) {
    const [, socket] = given as [unknown, Duplex]
    if (name !== "upgrade") return Reflect.apply(emit, this, [name, ...given])
    if (links.isCut) return socket.destroy().destroyed
    links.sockets.add(socket)
    socket.once("close", () => links.sockets.delete(socket))
    return Reflect.apply(emit, this, [name, ...given])
  }
}

/** Ends the broker's connections, those of the worker too, and refuses new ones until `mend`. */
export function cut() {
  links.isCut = true
  for (const socket of links.sockets) socket.destroy()
}

export function mend() {
  links.isCut = false
}

let running: { url: string; model: Awaited<ReturnType<typeof Model.start>>; stop(): Promise<void> } | undefined

export async function start(home: string) {
  watchLinks()
  const model = await Model.start()
  const { PATH, HOME } = process.env
  const system = await startSystem(
    Config.read({
      PATH,
      HOME,
      PORT: "0",
      REMOTE_SWE_HOME: home,
      ANTHROPIC_API_KEY: "test",
      ANTHROPIC_BASE_URL: model.url,
      EGRESS_ALLOWED_DOMAINS: "configured.example,*.configured.example:8443",
    }),
  )
  running = {
    url: system.url,
    model,
    async stop() {
      await system.stop()
      await model.close()
    },
  }
}

export function system() {
  if (!running) throw new Error("The scripted system has not been started")
  return running
}

/** The owner, for what a test does without a browser. */
async function asOwner<Result>(cb: () => Promise<Result>) {
  const { Actor } = await import("@remote-swe/core/actor")
  return Actor.provide({ type: "user", userID: "owner", name: "Owner", admin: true }, cb)
}

/** A session that has nothing to do and no worker that would look into its log: the copy of one that ended. */
export async function quiet(title: string, bodies: readonly Body[]) {
  const { Session } = await import("@remote-swe/core/session")
  base ??= finished()
  const from = await base
  const { id, head } = await asOwner(() => Session.fork({ id: from }))
  await seed(id, head, bodies)
  await asOwner(() => Session.update({ id, title }))
  return id
}

let base: Promise<string> | undefined

/** A session that went through one turn. */
async function finished() {
  const { Session } = await import("@remote-swe/core/session")
  const { id } = await asOwner(() => Session.create({ message: "Say hello" }))
  const call = await system().model.next()
  call.say("Hello.")
  call.end()
  await eventually(async () => assert.equal((await asOwner(() => Session.fromID(id))).status, "idle"))
  return id
}

/** The most that one request may write. */
const batch = 25

/**
 * Puts `bodies` behind a session's head, many at a time. Their items are made after the one that is
 * there: appending ten thousand events one after the other would take most of the tests' time.
 */
async function seed(id: string, head: number, bodies: readonly Body[]) {
  const { Resource } = await import("sst")
  const { name } = Resource.Table
  const client = new DynamoDBClient()
  const key = (seq: number) => `log#${String(seq).padStart(10, "0")}`
  const found = await client.send(
    new GetItemCommand({ TableName: name, Key: { pk: { S: `session#${id}` }, sk: { S: key(head) } } }),
  )
  const items = bodies.map((body, index) => ({
    ...found.Item,
    sk: { S: key(head + index + 1) },
    seq: { N: String(head + index + 1) },
    eventID: { S: body.id },
    body: { S: JSON.stringify(body) },
  }))
  for (let at = 0; at < items.length; at += batch) {
    const requests = items.slice(at, at + batch).map((Item) => ({ PutRequest: { Item } }))
    await client.send(new BatchWriteItemCommand({ RequestItems: { [name]: requests } }))
  }
  client.destroy()
}
