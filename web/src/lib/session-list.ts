import { Info, type Status } from "@remote-swe/core/session/schema"
import * as v from "valibot"

export interface Filter {
  status?: Status | undefined
  search?: string | undefined
}

const matches = (info: Info, { status, search }: Filter) =>
  (!status || info.status === status) && (!search || info.title.toLowerCase().includes(search.trim().toLowerCase()))

/** `items` with what the broker says of one session: newest activity first, as the server orders them. */
export function merge(items: readonly Info[], message: unknown, filter: Filter): Info[] {
  const parsed = v.safeParse(Info, message)
  if (!parsed.success) return [...items]
  const info = parsed.output
  const known = items.find((item) => item.id === info.id)
  if (known && known.head > info.head) return [...items]
  const others = items.filter((item) => item.id !== info.id)
  if (!matches(info, filter)) return others
  return [info, ...others].sort((a, b) => b.time.updated - a.time.updated)
}
