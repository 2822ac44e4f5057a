export * as Pool from "./index.ts"
import { Actor } from "../../actor/index.ts"
import { Dynamo } from "../../dynamo/index.ts"
import type { Member } from "./decide.ts"
import { PoolEntity, type PoolItem } from "./entity.ts"

export * from "./decide.ts"

/** All that are known. Their number is bounded by the pool's size and by how many are taken at once. */
export async function list(): Promise<Member[]> {
  Actor.assert("system")
  const items = await PoolEntity.query.primary({}).go({ pages: "all", consistent: true })
  return items.data.map(serialize)
}

/** Writes down a machine that is about to be started. */
export async function add({ id, imageID, bundle, boot, created }: Omit<Member, "state">) {
  Actor.assert("system")
  await PoolEntity.create({ id, imageID, bundle, boot, createdAt: created, state: "free", at: created }).go()
}

/** Takes a machine for a session. False where somebody else has it. */
export async function claim({ id, sessionID, generation, now }: Claim) {
  Actor.assert("system")
  return won(
    PoolEntity.patch({ id })
      .set({ state: "claimed", sessionID, generation, at: now })
      .where((attr, op) => op.eq(attr.state, "free"))
      .go(),
  )
}

interface Claim {
  id: string
  sessionID: string
  generation: number
  now: number
}

/** Notes that it ended by itself. */
export async function fail(id: string, now: number) {
  Actor.assert("system")
  return won(
    PoolEntity.patch({ id })
      .set({ state: "failed", at: now })
      .where((attr, op) => op.eq(attr.state, "free"))
      .go(),
  )
}

/** Forgets it as long as it is as it was seen. False where somebody took it meanwhile. */
export async function remove({ id, state }: Member) {
  Actor.assert("system")
  return won(
    PoolEntity.remove({ id })
      .where((attr, op) => op.eq(attr.state, state.type))
      .go(),
  )
}

async function won(write: Promise<unknown>) {
  return write.then(
    () => true,
    (error: unknown) => {
      if (Dynamo.isConditionFailed(error)) return false
      throw error
    },
  )
}

function serialize({ id, imageID, bundle, boot, createdAt: created, state, at, ...claim }: PoolItem): Member {
  const base = { id, imageID, bundle, boot, created }
  const { sessionID, generation } = claim
  if (state === "failed") return { ...base, state: { type: "failed", at } }
  if (state === "claimed" && sessionID && generation)
    return { ...base, state: { type: "claimed", sessionID, generation, at } }
  return { ...base, state: { type: "free" } }
}
