import { VisibleError } from "@remote-swe/core/error"
import { Trigger } from "@remote-swe/core/trigger"
import { action, json, query, redirect } from "@solidjs/router"
import * as v from "valibot"
import { parse, withActor } from "../context/auth.ts"

const ID = Trigger.Info.entries.id

/** All of them: an installation has no more than a page may hold. */
export const listTriggers = query(async () => {
  "use server"
  return withActor(async () => (await Trigger.list({ limit: Trigger.mostTriggers })).items)
}, "trigger.list")

export const getTrigger = query(async (id: string) => {
  "use server"
  return withActor(async () => {
    if (!v.is(ID, id)) throw new VisibleError("missing", "trigger.missing", "There is no such trigger")
    return Trigger.fromID(id)
  })
}, "trigger.get")

/** With the same `id` again it makes no second trigger. */
export const createTrigger = action(async (input: v.InferInput<typeof Trigger.Create> & { id: string }) => {
  "use server"
  return withActor(async () => {
    const { id, ...rest } = input
    await Trigger.create({ ...parse(Trigger.Create, rest), id: parse(ID, id) })
    return redirect("/triggers", { revalidate: listTriggers.key })
  })
}, "trigger.create")

export const saveTrigger = action(async (id: string, patch: v.InferInput<typeof Trigger.Patch>) => {
  "use server"
  return withActor(async () => {
    await Trigger.update({ ...parse(Trigger.Patch, patch), id: parse(ID, id) })
    return redirect("/triggers", { revalidate: [listTriggers.key, getTrigger.keyFor(id)] })
  })
}, "trigger.save")

export const switchTrigger = action(async (id: string, enabled: boolean) => {
  "use server"
  return withActor(async () => {
    await Trigger.update({ ...parse(Trigger.Patch, { enabled }), id: parse(ID, id) })
    return json(id, { revalidate: [listTriggers.key, getTrigger.keyFor(id)] })
  })
}, "trigger.switch")

export const runTrigger = action(async (id: string) => {
  "use server"
  return withActor(async () => {
    const { last } = await Trigger.run({ id: parse(ID, id) })
    const to = last?.type === "started" ? `/session/${last.sessionID}` : "/triggers"
    return redirect(to, { revalidate: listTriggers.key })
  })
}, "trigger.run")

export const removeTrigger = action(async (id: string) => {
  "use server"
  return withActor(async () => {
    await Trigger.remove(parse(ID, id))
    return json(id, { revalidate: listTriggers.key })
  })
}, "trigger.remove")
