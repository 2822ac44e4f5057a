import { Dynamo } from "../dynamo/index.ts"
import { VisibleError } from "../error.ts"
import { TriggerEntity, type TriggerItem } from "./entity.ts"
import { provider } from "./provider.ts"
import type { Info, State } from "./schema.ts"

/** Where triggers are kept, and how their timers follow. */

export const missing = (id: string) => new VisibleError("missing", "trigger.missing", `There is no trigger ${id}`)

/** The item, also of a trigger that was removed. */
export async function find(id: string) {
  const found = await TriggerEntity.get({ id }).go({ consistent: true })
  return found.data ?? undefined
}

export async function load(id: string) {
  const item = await find(id)
  if (!item || item.removed) throw missing(id)
  return item
}

/** What of an item follows from its state. */
export function standing(state: State) {
  const isActive = state.type === "active"
  return { state, active: isActive ? ("yes" as const) : ("no" as const), next: isActive ? state.next : 0 }
}

/** Whether a conditional write took place. */
export async function won(write: Promise<unknown>) {
  try {
    await write
    return true
  } catch (error) {
    if (Dynamo.isConditionFailed(error)) return false
    throw error
  }
}

/** Rounds in which somebody else may have changed the trigger meanwhile. */
const rounds = 5

/**
 * Tells a trigger's timer what the table says. The table comes first and is marked until this is done, so
 * that the sweeper finds whatever was left in between.
 */
export async function follow(item: TriggerItem) {
  const timers = await provider()
  let known: TriggerItem | undefined = item
  for (let round = 0; known && round < rounds; round++) {
    const { id, revision, schedule, state } = known
    if (state.type === "active" && !known.removed) await timers?.set({ id, revision, schedule, next: state.next })
    else await timers?.unset(id)
    if (known.removed) return void (await TriggerEntity.delete({ id }).go())
    const done = await won(
      TriggerEntity.patch({ id })
        .set({ behind: "no" })
        .where((item, { eq, notExists }) => `${eq(item.revision, revision)} AND ${notExists(item.removed)}`)
        .go(),
    )
    if (done) return
    known = await find(id)
  }
}

/** Ids of the triggers whose timers are behind. */
export async function behind() {
  const found = await TriggerEntity.query.byBehind({ behind: "yes" }).go({ pages: "all" })
  return found.data.map((item) => item.id)
}

export function serialize(item: TriggerItem): Info {
  const { id, name, schedule, action, state, failures, last, creator, created, updated } = item
  return { id, name, schedule, action, state, failures, ...(last && { last }), creator, time: { created, updated } }
}
