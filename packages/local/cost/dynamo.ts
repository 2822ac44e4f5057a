import { isDeepStrictEqual } from "node:util"
import { matches, type Names, update } from "./expression.ts"
import { type Item, size } from "./item.ts"

/**
 * What requests to an on-demand table cost in request units, by DynamoDB's published rules. It follows the
 * requests with a copy of the table, because a write is charged by the larger of the item before and after.
 */

interface Key {
  hashKey: string
  rangeKey: string
}
interface Index extends Key {
  /** Attributes that the index has beside keys; all where it does not say. */
  projection?: readonly string[]
}
export interface Definition {
  primaryIndex: Key
  globalIndexes: Record<string, Index>
}

export interface Units {
  reads: number
  writes: number
}

export interface Request extends Names {
  Item?: Item
  Key?: Item
  UpdateExpression?: string
  IndexName?: string
  KeyConditionExpression?: string
  ConsistentRead?: boolean
  ScanIndexForward?: boolean
  ExclusiveStartKey?: Item
}

const readBytes = 4_096
const writeBytes = 1_024
/** What DynamoDB stores beside each item, in the table and in each index. */
const overheadBytes = 100

const none: Units = { reads: 0, writes: 0 }

export function create({ primaryIndex, globalIndexes }: Definition) {
  const items = new Map<string, Item>()
  const indexes = Object.values(globalIndexes)
  const id = (key: Item) => JSON.stringify([key[primaryIndex.hashKey], key[primaryIndex.rangeKey]])

  function write(key: string, after: Item | undefined): Units {
    const before = items.get(key)
    if (after) items.set(key, after)
    else items.delete(key)
    const own = units(Math.max(before ? size(before) : 0, after ? size(after) : 0), writeBytes)
    const copied = (index: Index) => writesOf(index, before && copy(index, before), after && copy(index, after))
    return { reads: 0, writes: indexes.reduce((sum, index) => sum + copied(index), own) }
  }

  /** What an index has of an item: its own keys and the table's at least. */
  function copy({ hashKey, rangeKey, projection }: Index, item: Item): Item {
    if (!projection) return item
    const own = [hashKey, rangeKey, primaryIndex.hashKey, primaryIndex.rangeKey, ...projection]
    return Object.fromEntries(Object.entries(item).filter(([name]) => own.includes(name)))
  }

  /** Items that a query looks at, in its order; filters and projections make it no cheaper. */
  function looked(request: Request, count: number) {
    const index = request.IndexName ? globalIndexes[request.IndexName] : primaryIndex
    const { KeyConditionExpression: condition, ExclusiveStartKey: start, ScanIndexForward: forward = true } = request
    if (!index || !condition) throw new Error("A query without an index that is known, or without a condition")
    const sort = (item: Item) => item[index.rangeKey]?.S ?? ""
    const found = [...items.values()]
      .filter((item) => isIn(index, item) && matches(condition, request, item))
      .sort((a, b) => (sort(a) < sort(b) ? -1 : 1) * (forward ? 1 : -1))
    const from = start ? found.findIndex((item) => id(item) === id(start)) + 1 : 0
    return found.slice(from, from + count)
  }

  function read(bytes: number, { ConsistentRead }: Request): Units {
    return { reads: units(bytes, readBytes) * (ConsistentRead ? 1 : 0.5), writes: 0 }
  }

  return {
    /** `scanned`: how many items the answer says were looked at. Throws for what core does not do. */
    request(operation: string, request: Request, answer: { refused: boolean; scanned: number }): Units {
      const key = request.Item ?? request.Key ?? {}
      const before = items.get(id(key))
      if (answer.refused) return { reads: 0, writes: units(before ? size(before) : 0, writeBytes) }
      switch (operation) {
        case "PutItem":
          return write(id(key), request.Item)
        case "UpdateItem":
          return write(id(key), update(request.UpdateExpression ?? "", request, before ?? { ...request.Key }))
        case "DeleteItem":
          return write(id(key), undefined)
        case "GetItem":
          return read(before ? size(before) : 0, request)
        case "Query": {
          const index = request.IndexName ? globalIndexes[request.IndexName] : undefined
          const found = looked(request, answer.scanned).map((item) => (index ? copy(index, item) : item))
          return read(
            found.reduce((sum, item) => sum + size(item), 0),
            request,
          )
        }
        case "CreateTable":
          return none
        default:
          throw new Error(`${operation} is not an operation that is counted`)
      }
    },

    /** Bytes that are stored for items which `belongs` picks, indexes included. */
    stored(belongs: (item: Item) => boolean) {
      return [...items.values()]
        .filter(belongs)
        .flatMap((item) => [item, ...indexes.filter((index) => isIn(index, item)).map((index) => copy(index, item))])
        .reduce((sum, item) => sum + size(item) + overheadBytes, 0)
    },
  }
}

/** An index holds only items that have its keys. */
function writesOf(index: Key, before: Item | undefined, after: Item | undefined) {
  const old = before && isIn(index, before) ? before : undefined
  const next = after && isIn(index, after) ? after : undefined
  if (!old && !next) return 0
  if (!old || !next) return units(size(old ?? next ?? {}), writeBytes)
  if (isDeepStrictEqual(old, next)) return 0
  const isMoved = old[index.hashKey]?.S !== next[index.hashKey]?.S || old[index.rangeKey]?.S !== next[index.rangeKey]?.S
  if (isMoved) return units(size(old), writeBytes) + units(size(next), writeBytes)
  return units(Math.max(size(old), size(next)), writeBytes)
}

const isIn = ({ hashKey, rangeKey }: Key, item: Item) => Boolean(item[hashKey]?.S && item[rangeKey]?.S)

/** Nothing is free: what is not there costs one unit to look for. */
const units = (bytes: number, unit: number) => Math.max(1, Math.ceil(bytes / unit))
