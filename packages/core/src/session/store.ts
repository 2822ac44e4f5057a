import { Dynamo } from "../dynamo/index.ts"
import { pack, unpack } from "../dynamo/pack.ts"
import { VisibleError } from "../error.ts"
import { Log } from "../log/index.ts"
import { Queue } from "../queue/index.ts"
import { Usage } from "../usage/index.ts"
import { announce } from "./announce.ts"
import { MonthEntity, SessionEntity } from "./entity.ts"
import { Fold } from "./fold.ts"
import type { Info } from "./schema.ts"

/** Where a session's fold is kept, brought forward and written after an append. */

export class NotFoundError extends VisibleError {
  constructor(id: string) {
    super("missing", "session.missing", `There is no session ${id}`)
  }
}

/** A fold of one log up to one sequence never changes, so keeping it is safe whoever else appends. */
interface Kept {
  info: Info
  /** What the table holds. */
  stored: Info
}
const kept = new Map<string, Kept>()
const most = 500

export function keep(info: Info, stored: Info) {
  kept.delete(info.id)
  kept.set(info.id, { info, stored })
  if (kept.size <= most) return
  const oldest = kept.keys().next().value
  if (oldest) kept.delete(oldest)
}

export const forget = (id: string) => void kept.delete(id)

/** The newest fold that this process knows, at no cost; it may be behind. */
export const recall = (id: string) => kept.get(id)?.info

/** The session, brought forward to the head of its log. */
export async function load(id: string): Promise<Info> {
  const row = await SessionEntity.get({ id }).go({ consistent: true })
  if (!row.data?.info) {
    forget(id)
    throw new NotFoundError(id)
  }
  const stored: Info = JSON.parse(unpack(row.data.info))
  const known = kept.get(id)?.info
  const start = known && known.head > stored.head ? known : stored
  const info = Fold.applyAll(start, await Log.tail(id, start.head))
  keep(info, stored)
  return info
}

/** Stores a new session; throws a conflict when the id is taken. */
export async function insert(info: Info) {
  await SessionEntity.create(row(info)).go()
  await addMonth(row(info).month)
  keep(info, info)
}

/**
 * Writes the fold where it matters to lists and sweepers, tells everybody, and wakes the launcher when
 * there is work and nobody to do it.
 */
export async function settle(info: Info, events: readonly Log.Read[]) {
  const stored = kept.get(info.id)?.stored
  const due = !stored || isDue(stored, info)
  const idle = Fold.needsWork(info) && info.worker.type === "none"
  await Promise.all([due && save(info), announce(info, events, due), idle && Queue.wake(info.id)])
  keep(info, due || !stored ? info : stored)
}

/** A row may be this many events behind its log: readers bring it forward. */
const slack = 16

function isDue(stored: Info, info: Info) {
  const shown = (item: Info) =>
    JSON.stringify([
      item.status,
      item.title,
      item.turnID,
      item.generation,
      item.worker.type,
      item.unread,
      item.waitingOn,
      item.budget,
      item.done,
      item.pullRequests,
    ])
  return info.head - stored.head >= slack || shown(stored) !== shown(info)
}

async function save(info: Info) {
  const item = row(info)
  try {
    await SessionEntity.put(item)
      .where(({ id, head }, { exists, lt }) => `${exists(id)} AND ${lt(head, info.head)}`)
      .go()
  } catch (error) {
    // Somebody who saw more was first, or the session is deleted.
    if (Dynamo.isConditionFailed(error)) return
    throw error
  }
  await addMonth(item.month)
  await Promise.all(
    Object.entries(info.daily)
      .slice(-2)
      .map(([day, models]) => Usage.set({ sessionID: info.id, day, seq: info.head, models })),
  )
}

const months = new Set<string>()

async function addMonth(month: string) {
  if (months.has(month)) return
  await MonthEntity.put({ month }).go()
  months.add(month)
}

/**
 * Puts the session on the sweeper's list. Asked before input is appended: whoever breaks down right
 * after the append has told nobody of it.
 */
export async function rouse(id: string) {
  const stored = kept.get(id)?.stored
  if (stored && isUnrest(stored)) return
  await SessionEntity.patch({ id })
    .set({ unrest: "yes" })
    .where(({ info }, { exists }) => exists(info))
    .go()
    .catch((error: unknown) => {
      if (Dynamo.isConditionFailed(error)) throw new NotFoundError(id)
      throw error
    })
}

/** A session without its first message is not at rest, either: its request may have come to nothing. */
const isUnrest = (info: Info) => info.head === 0 || Fold.needsWork(info) || info.worker.type === "joined"

function row(info: Info) {
  return {
    id: info.id,
    info: pack(JSON.stringify(info)),
    head: info.head,
    month: new Date(info.time.updated).toISOString().slice(0, 7),
    updated: info.time.updated,
    status: info.status,
    title: info.title.toLowerCase(),
    parentID: info.parentID ?? "",
    unrest: isUnrest(info) ? ("yes" as const) : ("no" as const),
  }
}
