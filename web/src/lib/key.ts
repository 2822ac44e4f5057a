import { Key } from "@remote-swe/core/key"
import { action, json, query } from "@solidjs/router"
import type * as v from "valibot"
import { parse, withActor } from "../context/auth.ts"

export const listKeys = query(async () => {
  "use server"
  return withActor(() => Key.list())
}, "key.list")

/** Answers with the key itself, this once. */
export const createKey = action(async (input: v.InferInput<typeof Key.Create>) => {
  "use server"
  return withActor(async () => json(await Key.create(parse(Key.Create, input)), { revalidate: listKeys.key }))
}, "key.create")

export const removeKey = action(async (id: string) => {
  "use server"
  return withActor(async () => {
    await Key.remove(parse(Key.Info.entries.id, id))
    return json(id, { revalidate: listKeys.key })
  })
}, "key.remove")
