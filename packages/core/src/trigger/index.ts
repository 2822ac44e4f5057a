export * as Trigger from "./index.ts"
import * as v from "valibot"
import { Actor } from "../actor/index.ts"
import { VisibleError } from "../error.ts"
import { Identifier } from "../identifier.ts"
import { Logger } from "../logger.ts"
import { Model } from "../model/index.ts"
import type { Schedule } from "../schedule/index.ts"
import { fn } from "../util/fn.ts"
import { upcoming } from "./decide.ts"
import { TriggerEntity, type TriggerItem } from "./entity.ts"
import { start } from "./fire.ts"
import { Create, List, mostTriggers, Patch, type State } from "./schema.ts"
import { find, follow, load, missing, serialize, standing, won } from "./store.ts"

export * from "./schema.ts"
export { fire } from "./fire.ts"
export { sweep } from "./sweep.ts"

const ID = Identifier.schema("trigger")

/** A new trigger; the same `id` again makes no second one. */
export const create = fn(
  v.strictObject({ ...Create.entries, id: v.optional(ID) }),
  async ({ id = Identifier.create("trigger"), name, schedule, action, enabled }) => {
    const creator = Actor.assert("trigger.write")
    Model.assert(action.model)
    await leaveRoom()
    const now = Date.now()
    const anchor = wholeMinute(now)
    const plan = { schedule: wholeSecond(schedule), anchor }
    const state: State = enabled ? coming(plan, now) : { type: "paused" }
    const item = {
      ...{ id, name, action, creator, ...plan, ...standing(state) },
      ...{ failures: 0, revision: 1, behind: "yes" as const, created: now, updated: now },
    }
    if (await won(TriggerEntity.create(item).go())) await tell(item)
    return serialize(await load(id))
  },
)

/** One trigger. */
export const fromID = fn(ID, async (id) => {
  Actor.assert("trigger.read")
  return serialize(await load(id))
})

/** Triggers, newest first, a page at a time. */
export const list = fn(List, async ({ limit, cursor }) => {
  Actor.assert("trigger.read")
  const all = TriggerEntity.query.byAll({})
  const found = await (cursor ? all.lt({ id: cursor }) : all)
    .where(({ removed }, { notExists }) => notExists(removed))
    .go({ order: "desc", count: limit + 1 })
  const items = found.data.slice(0, limit).map(serialize)
  const last = items.at(-1)
  return { items, ...(found.data.length > limit && last && { cursor: last.id }) }
})

/** Rounds in which somebody else may have changed the trigger meanwhile. */
const rounds = 5

/** Changes a trigger. A change of when it fires, or a new start, forgets its failures. */
export const update = fn(v.intersect([v.object({ id: ID }), v.looseObject({})]), async ({ id, ...rest }) => {
  Actor.assert("trigger.write")
  const patch = v.parse(Patch, rest)
  Model.assert(patch.action?.model)
  for (let round = 0; round < rounds; round++) {
    const item = await load(id)
    const changes = changesOf(item, patch, Date.now())
    const done = await won(
      TriggerEntity.patch({ id })
        .set(changes)
        .where((item_, { eq, notExists }) => `${eq(item_.revision, item.revision)} AND ${notExists(item_.removed)}`)
        .go(),
    )
    if (!done) continue
    const changed = await load(id)
    if ("revision" in changes) await tell(changed)
    return serialize(changed)
  }
  throw new VisibleError("conflict", "trigger.busy", "Somebody else is changing this trigger: try again")
})

/** Removes a trigger; it does not fire any more. */
export const remove = fn(ID, async (id) => {
  Actor.assert("trigger.write")
  const { revision } = await load(id)
  const gone = { removed: true, ...standing({ type: "done" }), revision: revision + 1, behind: "yes" as const }
  const done = await won(
    TriggerEntity.patch({ id })
      .set(gone)
      .where(({ removed }, { notExists }) => notExists(removed))
      .go(),
  )
  if (!done) throw missing(id)
  const item = await find(id)
  if (item) await tell(item)
})

/** Does now what the trigger does at its times, which go on as they were; the same `ending` does it once. */
export const run = fn(v.strictObject({ id: ID, ending: v.optional(v.string()) }), async ({ id, ending }) => {
  Actor.assert("trigger.write")
  const item = await load(id)
  const last = await start(item, ending ?? Identifier.ulid())
  await won(
    TriggerEntity.patch({ id })
      .set({ last })
      .where(({ removed }, { notExists }) => notExists(removed))
      .go(),
  )
  return serialize(await load(id))
})

function changesOf(item: TriggerItem, { name, schedule, action, enabled }: v.InferOutput<typeof Patch>, now: number) {
  const plain = { updated: now, ...(name !== undefined && { name }), ...(action && { action }) }
  if (enabled === undefined && !schedule) return plain
  const isOn = enabled ?? (item.state.type === "active" || item.state.type === "done")
  const isSame = !schedule && isOn && item.state.type === "active"
  if (isSame) return plain
  const plan = { schedule: schedule ? wholeSecond(schedule) : item.schedule, anchor: wholeMinute(now) }
  const kept = enabled === undefined && item.state.type === "failed" ? item.state : off
  const state = isOn ? coming(plan, now) : kept
  const fresh = isOn && { failures: 0 }
  return { ...plain, ...plan, ...standing(state), ...fresh, revision: item.revision + 1, behind: "yes" as const }
}

const off: State = { type: "paused" }

/** The state of a trigger that is on from now on; throws where its time is over. */
function coming(plan: Parameters<typeof upcoming>[0], now: number) {
  const state = upcoming(plan, now)
  if (state.type === "active") return state
  throw new VisibleError("input", "trigger.over", "This time is over: choose a later one")
}

async function leaveRoom() {
  const found = await TriggerEntity.query.byAll({}).go({ pages: "all", attributes: ["id"] })
  if (found.data.length < mostTriggers) return
  throw new VisibleError("limit", "trigger.limit", `There are ${mostTriggers} triggers: remove one first`)
}

/** The timer follows now; if it cannot, the sweeper sees to it within a minute. */
async function tell(item: TriggerItem) {
  await follow(item).catch((error: unknown) =>
    Logger.warn("a trigger's timer could not be told; the sweeper tries again", { triggerID: item.id, error }),
  )
}

/** EventBridge knows seconds; rates count in whole minutes. */
const wholeSecond = (schedule: Schedule.Info): Schedule.Info =>
  schedule.type === "once" ? { ...schedule, at: schedule.at - (schedule.at % 1000) } : schedule
const wholeMinute = (now: number) => Math.ceil(now / 60_000) * 60_000
