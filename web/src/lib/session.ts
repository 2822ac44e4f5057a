import { Actor } from "@remote-swe/core/actor"
import { Log } from "@remote-swe/core/log"
import { Session } from "@remote-swe/core/session"
import { Create, Fork, type Info, Patch, Reply, Send } from "@remote-swe/core/session/schema"
import { action, json, query, redirect } from "@solidjs/router"
import * as v from "valibot"
import { parse, withActor } from "../context/auth.ts"

/** How many events a session opens with, and how many are read at a time after that. */
const openSize = 200
const pageSize = 500

// A page keeps its own log in step, so an action on a session has nothing to read again.
const nothing = { revalidate: "nothing" }

export const listSessions = query(async (filter: { cursor?: string; status?: string; search?: string }) => {
  "use server"
  return withActor(() => Session.list(parse(Session.List, { ...filter, limit: 30 })))
}, "session.list")

/** A session with the end of its log, both at the same head, and whether whoever reads it may allow hosts always. */
export const openSession = query(async (id: string) => {
  "use server"
  return withActor(async () => {
    const info = await Session.fromID(parse(Session.Info.entries.id, id))
    const before = info.head + 1
    const { items } = await Session.events({ id, before, limit: openSize })
    return { info, events: items, mayAlways: Actor.may("egress.always") }
  })
}, "session.open")

export async function readEvents(input: { id: string; after?: number; before?: number }) {
  "use server"
  return withActor(() => Session.events(parse(Session.events.schema, { ...input, limit: pageSize })))
}

/** One event with all its text. */
export async function wholeEvent(id: string, seq: number) {
  "use server"
  return withActor(async () => {
    await Session.fromID(parse(Session.Info.entries.id, id))
    return Log.fromSeq(id, parse(v.number(), seq))
  })
}

/** With the same `id` again it makes no second session. */
export const createSession = action(async (input: v.InferInput<typeof Create> & { id: string; messageID: string }) => {
  "use server"
  return withActor(async () => {
    const { id, messageID, ...rest } = input
    const info = await Session.create({ ...parse(Create, rest), source: "web", id, messageID })
    return redirect(`/session/${info.id}`, { revalidate: listSessions.key })
  })
}, "session.create")

export const sendMessage = action(
  async (input: v.InferInput<typeof Send> & { sessionID: string; messageID: string }) => {
    "use server"
    return withActor(async () => {
      const { sessionID, messageID, ...rest } = input
      return json(await Session.send({ ...parse(Send, rest), source: "web", sessionID, messageID }), nothing)
    })
  },
  "session.send",
)

export const stopSession = action(async (id: string) => {
  "use server"
  return withActor(async () => json(headOf(await Session.stop(parse(Session.Info.entries.id, id))), nothing))
}, "session.stop")

export const updateSession = action(async (id: string, patch: v.InferInput<typeof Patch>) => {
  "use server"
  return withActor(async () => json(headOf(await Session.update({ ...parse(Patch, patch), id })), nothing))
}, "session.update")

export const replyToSession = action(async (id: string, reply: v.InferInput<typeof Reply>) => {
  "use server"
  return withActor(async () => json(headOf(await Session.reply({ ...parse(Reply, reply), id })), nothing))
}, "session.reply")

export const forkSession = action(async (id: string, input: v.InferInput<typeof Fork>) => {
  "use server"
  return withActor(async () => {
    const info = await Session.fork({ ...parse(Fork, input), id })
    return redirect(`/session/${info.id}`, { revalidate: listSessions.key })
  })
}, "session.fork")

export const removeSession = action(async (id: string) => {
  "use server"
  return withActor(async () => {
    await Session.remove(parse(Session.Info.entries.id, id))
    return redirect("/", { revalidate: listSessions.key })
  })
}, "session.remove")

const headOf = (info: Info) => ({ head: info.head })
