import { existsSync } from "node:fs"
import db from "dynalite/db/index.js"
import { Level } from "level"

type Item = Record<string, unknown>
type Table = Parameters<typeof db.getIndexActions>[3]
type Store = Level<string, Item>

/**
 * Makes the indexes agree with the items. Dynalite writes them one after the other, so a process that
 * was killed between leaves an index that has lost an item, or has it twice.
 */
export async function repair(folder: string) {
  if (!existsSync(folder)) return
  const store: Store = new Level(folder, { valueEncoding: "json" })
  await store.open()
  for await (const table of store.values(within("table~"))) await rebuild(store, table as unknown as Table)
  await store.close()
}

async function rebuild(store: Store, table: Table) {
  const wanted = new Map<string, Item>()
  const prefix = `index-global~${table.TableName}~`
  for await (const item of store.values(within(`item-${table.TableName}~`)))
    for (const put of db.getIndexActions(table.GlobalSecondaryIndexes ?? [], undefined, item, table).puts)
      wanted.set(`${prefix}${put.index}~${put.key}`, put.item)

  const found = await store.keys(within(prefix)).all()
  const lost = found.filter((key) => !wanted.has(key)).map((key) => ({ type: "del" as const, key }))
  const puts = [...wanted].map(([key, value]) => ({ type: "put" as const, key, value }))
  await store.batch([...lost, ...puts])
}

/** Dynalite's own bounds of what begins with `prefix`. */
const within = (prefix: string) => ({ gte: prefix, lt: `${prefix}\xFF` })
