import type { Info as Actor } from "../actor/schema.ts"
import { none } from "../usage/schema.ts"
import type { Info } from "./schema.ts"

/** A session before its first event. */
export function blank(id: string, creator: Actor): Info {
  const now = Date.now()
  return {
    id,
    title: "New session",
    status: "starting",
    creator,
    head: 0,
    generation: 0,
    worker: { type: "none" },
    usage: none,
    daily: {},
    todo: [],
    unread: [],
    stopping: false,
    done: false,
    pullRequests: [],
    time: { created: now, updated: now },
  }
}
