import * as v from "valibot"
import { Actor } from "../actor/index.ts"
import { unpack } from "../dynamo/pack.ts"
import { VisibleError } from "../error.ts"
import { fn } from "../util/fn.ts"
import { MonthEntity, SessionEntity } from "./entity.ts"
import { type Info, Status } from "./schema.ts"

/** Where a page of sessions ends: month and the place in it. */
const Cursor = v.strictObject({
  month: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}$/)),
  updated: v.number(),
  id: v.string(),
})
type Cursor = v.InferOutput<typeof Cursor>

export const List = v.strictObject({
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 20),
  cursor: v.optional(v.pipe(v.string(), v.maxLength(500))),
  status: v.optional(Status),
  search: v.optional(v.pipe(v.string(), v.trim(), v.maxLength(200))),
})

/** Sessions by latest activity, newest first, a page at a time. */
export const list = fn(List, async (input) => {
  Actor.assert("session.read")
  const items: Info[] = []
  let from = input.cursor ? decode(input.cursor) : undefined
  for (const month of await months(from?.month)) {
    const page = await read(month, from, input, input.limit + 1 - items.length)
    items.push(...page)
    if (items.length > input.limit) return { items: items.slice(0, -1), cursor: encode(items.at(-2)) }
    from = undefined
  }
  return { items }
})

/** The sessions that another one started, oldest first. */
export const children = fn(v.string(), async (parentID) => {
  Actor.assert("session.read", parentID)
  const found = await SessionEntity.query.byParent({ parentID }).go({ pages: "all" })
  return found.data.flatMap(info)
})

/** Ids of the sessions that are not at rest: what the sweeper looks at. */
export async function unrest() {
  Actor.assert("system")
  const found = await SessionEntity.query.byUnrest({ unrest: "yes" }).go({ pages: "all", attributes: ["id"] })
  return found.data.map((item) => item.id)
}

type Filter = Pick<v.InferOutput<typeof List>, "status" | "search">

async function read(month: string, from: Cursor | undefined, filter: Filter, count: number) {
  const query = SessionEntity.query.byMonth({ month })
  const start = from ? query.lt({ updated: from.updated, id: from.id }) : query
  const found = await start
    .where((item, { eq, contains }) =>
      [
        ...(filter.status ? [eq(item.status, filter.status)] : []),
        ...(filter.search ? [contains(item.title, filter.search.toLowerCase())] : []),
      ].join(" AND "),
    )
    .go({ order: "desc", count })
  return found.data.flatMap(info)
}

async function months(from: string | undefined) {
  const found = await MonthEntity.query.primary({}).go({ order: "desc", pages: "all" })
  const all = found.data.map((item) => item.month)
  return from ? all.filter((month) => month <= from) : all
}

function info(item: { info?: Uint8Array }): Info[] {
  return item.info ? [JSON.parse(unpack(item.info))] : []
}

function encode(last: Info | undefined) {
  if (!last) return
  const month = new Date(last.time.updated).toISOString().slice(0, 7)
  const cursor: Cursor = { month, updated: last.time.updated, id: last.id }
  return Buffer.from(JSON.stringify(cursor)).toString("base64url")
}

function decode(text: string) {
  const refused = () => new VisibleError("input", "cursor.invalid", "The cursor is not one that a page gave you")
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Cursor), Buffer.from(text, "base64url").toString())
  if (!parsed.success) throw refused()
  return parsed.output
}
