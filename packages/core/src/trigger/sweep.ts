import { Actor } from "../actor/index.ts"
import { Logger } from "../logger.ts"
import { TriggerEntity } from "./entity.ts"
import { fire } from "./fire.ts"
import { provider } from "./provider.ts"
import { behind, find, follow } from "./store.ts"

/**
 * Each minute: timers that a crash left behind follow the table, and where nobody rings, what is due fires. So does
 * what came due before there was a timer for it.
 */
export async function sweep() {
  Actor.assert("system")
  const failed: string[] = []
  const each = async (ids: readonly string[], work: (id: string) => Promise<void>) => {
    for (const id of ids)
      await work(id).catch((error: unknown) => {
        Logger.error("a trigger could not be looked after; it is tried again", { triggerID: id, error })
        failed.push(id)
      })
  }
  await each(await behind(), catchUp)
  if (!(await provider())) await each(await due(Date.now()), ring)
  if (failed.length > 0) throw new Error(`Triggers that could not be looked after: ${failed.join(", ")}`)
}

async function catchUp(id: string) {
  const item = await find(id)
  if (!item) return
  // EventBridge takes no times that are over.
  const isOver = item.state.type === "active" && item.state.next <= Date.now() && !item.removed
  if (isOver) await ring(id)
  const now = isOver ? await find(id) : item
  if (now) await follow(now)
}

async function ring(id: string) {
  const item = await find(id)
  if (!item || item.removed || item.state.type !== "active" || item.state.next > Date.now()) return
  await fire({ triggerID: id, revision: item.revision, at: item.state.next })
}

async function due(now: number) {
  const found = await TriggerEntity.query
    .byNext({ active: "yes" })
    // A key has the id behind the time.
    .lt({ next: now + 1 })
    .go({ pages: "all", attributes: ["id"] })
  return found.data.map((item) => item.id)
}
