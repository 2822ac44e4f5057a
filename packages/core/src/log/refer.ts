import * as v from "valibot"
import { Ref, savedType } from "../file/schema.ts"
import { filesOf, type Read } from "./schema.ts"

/** Each file that events refer to, once; of saved workspaces the last one's, as those before it are not kept. */
export function filesIn(events: readonly Read[]): Ref[] {
  const last = events.findLast((event) => event.kind === "snapshot")
  const saved = new Set(last?.kind === "snapshot" ? filesOf(last).map(({ id }) => id) : [])
  const found = refsIn(events).filter(({ id, type }) => type !== savedType || saved.has(id))
  return [...new Map(found.map((file) => [file.id, file])).values()]
}

function refsIn(value: unknown): Ref[] {
  if (typeof value !== "object" || value === null) return []
  if (v.is(Ref, value)) return [value]
  return Object.values(value).flatMap(refsIn)
}
