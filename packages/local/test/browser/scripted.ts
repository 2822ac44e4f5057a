import { Server } from "node:http"
import type { Duplex } from "node:stream"
import { Identifier } from "@remote-swe/core/identifier"
import type { Body } from "@remote-swe/core/log/schema"
import { Config } from "../../src/config.ts"
import { start as startSystem } from "../../src/system.ts"
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
  return Actor.provide({ type: "user", userID: "owner", name: "Owner" }, cb)
}

export async function session(id: string) {
  const { Session } = await import("@remote-swe/core/session")
  return asOwner(() => Session.fromID(id))
}

/** Everything that a session's log holds. */
export async function log(id: string) {
  const { Log } = await import("@remote-swe/core/log")
  return Log.tail(id, 0)
}

/** Puts `bodies` behind a session's head, many at a time: their places are known beforehand. */
export async function seed(id: string, bodies: readonly Body[]) {
  const { Log } = await import("@remote-swe/core/log")
  const { head } = await session(id)
  const places = bodies.map((body, index) => ({ sessionID: id, after: head + index, body }))
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (const place of places.filter((_, index) => index % 8 === writer)) await Log.append(place)
  })
  await Promise.all(writers)
  return session(id)
}

/** A session that no worker ever takes, because its log says that it is done. */
export async function quiet(title: string, bodies: readonly Body[]) {
  const id = Identifier.create("session")
  const { Log } = await import("@remote-swe/core/log")
  const { Session } = await import("@remote-swe/core/session")
  await asOwner(() => Session.create({ id, message: title }))
  await asOwner(() => Session.stop(id))
  return (await seed(id, bodies)).id
}
