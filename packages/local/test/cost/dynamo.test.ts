import { expect, test } from "vitest"
import * as Dynamo from "../../cost/dynamo.ts"
import { type Item, size } from "../../cost/item.ts"

const definition = {
  primaryIndex: { hashKey: "pk", rangeKey: "sk" },
  globalIndexes: { gsi1: { hashKey: "gsi1pk", rangeKey: "gsi1sk" } },
}
const done = { refused: false, scanned: 0 }
const refused = { refused: true, scanned: 0 }
const s = (text: string) => ({ S: text })
/** An item of exactly so many bytes. */
const item = (bytes: number, more: Item = {}): Item => {
  const rest = { pk: s("a"), sk: s("1"), text: s(""), ...more }
  return { ...rest, text: s("x".repeat(bytes - size(rest))) }
}
const put = (table: ReturnType<typeof Dynamo.create>, Item: Item) => table.request("PutItem", { Item }, done).writes

test("an item is as large as its names and values", () => {
  expect(size({ name: s("é") })).toBe(6)
  expect(size({ n: { N: "0" } })).toBe(2)
  expect(size({ n: { N: "-12345" } })).toBe(1 + 3 + 1 + 1)
  expect(size({ n: { N: "1700" } })).toBe(1 + 1 + 1)
  expect(size({ b: { BOOL: true }, z: { NULL: true } })).toBe(4)
  expect(size({ b: { B: Buffer.from("four").toString("base64") } })).toBe(5)
  expect(size({ l: { L: [s("ab"), s("c")] } })).toBe(1 + 3 + 2 + 3)
  expect(size({ m: { M: { k: s("v") } } })).toBe(1 + 3 + 1 + 2)
})

test("a write costs a unit for each KB of the larger of the item before and after", () => {
  const table = Dynamo.create(definition)
  expect(put(table, item(1_024))).toBe(1)
  expect(put(table, item(1_025))).toBe(2)
  expect(put(table, item(100))).toBe(2)
  expect(put(table, item(100))).toBe(1)
  expect(table.request("DeleteItem", { Key: { pk: s("a"), sk: s("1") } }, done).writes).toBe(1)
})

test("a refused write costs as much as the item that stands there, and one unit at least", () => {
  const table = Dynamo.create(definition)
  expect(table.request("PutItem", { Item: item(5_000) }, refused).writes).toBe(1)
  put(table, item(3_000))
  expect(table.request("PutItem", { Item: item(100) }, refused).writes).toBe(3)
})

test("an index costs when an item enters, changes, moves or leaves it", () => {
  const table = Dynamo.create(definition)
  const at = (place: string) => ({ gsi1pk: s("list"), gsi1sk: s(place) })
  expect(put(table, item(1_500))).toBe(2)
  expect(put(table, item(1_500, at("1")))).toBe(2 + 2)
  expect(put(table, item(1_500, at("1")))).toBe(2)
  expect(put(table, item(1_600, at("1")))).toBe(2 + 2)
  expect(put(table, item(1_600, at("2")))).toBe(2 + 2 + 2)
  expect(put(table, item(1_600))).toBe(2 + 2)
})

test("an index that has some names only costs nothing when the rest changes", () => {
  const index = { hashKey: "gsi1pk", rangeKey: "gsi1sk", projection: ["name"] }
  const table = Dynamo.create({ ...definition, globalIndexes: { gsi1: index } })
  const at = { gsi1pk: s("list"), gsi1sk: s("1"), name: s("one") }
  expect(put(table, item(1_500, at))).toBe(2 + 1)
  expect(put(table, item(1_600, at))).toBe(2)
  expect(put(table, item(1_600, { ...at, name: s("two") }))).toBe(2 + 1)
  const copied = { pk: s("a"), sk: s("1"), ...at, name: s("two") }
  expect(table.stored(() => true)).toBe(1_600 + 100 + size(copied) + 100)
})

test("an update is followed", () => {
  const table = Dynamo.create(definition)
  put(table, item(900, { gsi1pk: s("list"), gsi1sk: s("1") }))
  const update = {
    Key: { pk: s("a"), sk: s("1") },
    UpdateExpression: "SET #text = :text, #made = if_not_exists(#made, :made) REMOVE #gsi1pk, #gsi1sk",
    ExpressionAttributeNames: { "#text": "text", "#made": "made", "#gsi1pk": "gsi1pk", "#gsi1sk": "gsi1sk" },
    ExpressionAttributeValues: { ":text": s("y".repeat(2_000)), ":made": s("now") },
  }
  expect(table.request("UpdateItem", update, done).writes).toBe(2 + 1)
  expect(table.request("GetItem", { Key: update.Key, ConsistentRead: true }, done).reads).toBe(1)
  expect(table.stored(() => true)).toBe(size({ ...update.Key, text: s("y".repeat(2_000)), made: s("now") }) + 100)
})

test("what it cannot follow is an error, not a guess", () => {
  const table = Dynamo.create(definition)
  const Key = { pk: s("a"), sk: s("1") }
  expect(() => table.request("UpdateItem", { Key, UpdateExpression: "ADD #n :n" }, done)).toThrow("counted")
  expect(() => table.request("Scan", {}, done)).toThrow("Scan")
})

test("a read costs a unit for each 4 KB of all it looked at, half of that where it may be behind", () => {
  const table = Dynamo.create(definition)
  for (const sk of ["log#1", "log#2", "log#3", "other"])
    put(table, item(3_000, { sk: s(sk), gsi1pk: s("g"), gsi1sk: s(sk) }))
  const query = {
    KeyConditionExpression: "#pk = :pk and #sk1 BETWEEN :sk1 AND :sk2",
    ExpressionAttributeNames: { "#pk": "pk", "#sk1": "sk" },
    ExpressionAttributeValues: { ":pk": s("a"), ":sk1": s("log#1"), ":sk2": s("log#9") },
  }
  const read = (more: object, scanned: number) =>
    table.request("Query", { ...query, ...more }, { refused: false, scanned }).reads
  expect(read({ ConsistentRead: true }, 3)).toBe(3)
  expect(read({}, 3)).toBe(1.5)
  expect(read({ ConsistentRead: true, ScanIndexForward: false }, 1)).toBe(1)
  expect(read({ ConsistentRead: true, ExclusiveStartKey: { pk: s("a"), sk: s("log#1") } }, 2)).toBe(2)
  expect(read({}, 0)).toBe(0.5)
  const byIndex = {
    IndexName: "gsi1",
    KeyConditionExpression: "#pk = :pk and begins_with(#sk1, :sk1)",
    ExpressionAttributeNames: { "#pk": "gsi1pk", "#sk1": "gsi1sk" },
    ExpressionAttributeValues: { ":pk": s("g"), ":sk1": s("log") },
  }
  expect(read(byIndex, 3)).toBe(1.5)
  expect(table.request("GetItem", { Key: { pk: s("none"), sk: s("none") } }, done).reads).toBe(0.5)
})
