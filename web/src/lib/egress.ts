import { Egress } from "@remote-swe/core/egress"
import { action, json, query } from "@solidjs/router"
import type * as v from "valibot"
import { parse, withActor } from "../context/auth.ts"

/** The hosts that commands of all sessions may reach; null where that is everything. */
export const listEgress = query(async () => {
  "use server"
  return withActor(async () => (Egress.isOpen() ? null : Egress.list()))
}, "egress.list")

export const allowHost = action(async (sessionID: string, input: v.InferInput<typeof Egress.Allow>) => {
  "use server"
  return withActor(async () => {
    const allowed = {
      ...parse(Egress.Allow, input),
      sessionID: parse(Egress.allow.schema.entries.sessionID, sessionID),
    }
    // A page keeps its own log in step, so there is nothing else to read again.
    return json({ head: (await Egress.allow(allowed)).head }, { revalidate: listEgress.key })
  })
}, "egress.allow")

export const removeHost = action(async (id: string) => {
  "use server"
  return withActor(async () => {
    await Egress.remove(parse(Egress.Info.entries.id, id))
    return json(id, { revalidate: listEgress.key })
  })
}, "egress.remove")
