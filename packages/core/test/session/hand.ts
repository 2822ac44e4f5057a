import { QueryCommand } from "@aws-sdk/lib-dynamodb"
import { expect } from "vitest"
import { Dynamo } from "../../src/dynamo/index.ts"
import { File } from "../../src/file/index.ts"
import { Identifier } from "../../src/identifier.ts"
import { Log } from "../../src/log/index.ts"
import { Session } from "../../src/session/index.ts"
import { as, eventID, output, owner, worker } from "../util.ts"

/** Sessions by hand: what people and workers do with one. */

export const create = (message = "Fix the test", extra = {}) => as(owner, () => Session.create({ message, ...extra }))
export const work = (id: string, after: number, events: Log.Body[], generation = 1) =>
  as(worker(id, generation), () => Session.work({ sessionID: id, generation, after, events }))

export async function turn(id: string, read: number[], after: number, generation = 1) {
  const turnID = Identifier.create("turn")
  const events: Log.Body[] = [
    { id: eventID(), kind: "turn", turn: { phase: "started", turnID, read } },
    output(turnID),
    { id: eventID(), kind: "turn", turn: { phase: "ended", turnID, outcome: "done" } },
  ]
  return work(id, after, events, generation)
}

/** What a worker uploads before it says in the log what it saved. */
export async function saved(sessionID: string, type = File.savedType) {
  const file = { name: "app.bundle", type, size: 3, sessionID }
  const made = await as(worker(sessionID), () => File.create(file))
  const { status } = await fetch(made.upload.url, { method: "PUT", headers: made.upload.headers, body: "abc" })
  expect(status).toBe(200)
  return made.file
}

export function snapshot(file: File.Ref, { kept, earlier }: { kept?: string[]; earlier?: File.Ref[] } = {}): Log.Body {
  const repository = { name: "app", source: "acme/app", branch: "b", base: "main", head: "h", file }
  const more = { ...(earlier && { earlier }) }
  const repositories = [{ ...repository, ...more }]
  return { id: eventID(), kind: "snapshot", generation: 1, size: 3, repositories, ...(kept && { kept }) }
}

export const download = async (sessionID: string, id: string) =>
  fetch((await as(owner, () => File.fromID({ sessionID, id }))).url)

/** The saved workspaces that a session has, in the order of their making. */
export async function files(sessionID: string) {
  const { Items = [] } = await Dynamo.client.send(
    new QueryCommand({
      TableName: Dynamo.config.table,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :sk)",
      ExpressionAttributeValues: { ":pk": Dynamo.partition(sessionID), ":sk": "file#" },
    }),
  )
  return Items.map((item) => item["fileID"])
}

export const snapshots = async (sessionID: string) =>
  (await Log.list({ sessionID })).flatMap((event) =>
    event.kind === "snapshot" ? event.repositories.map((item) => item.file.id) : [],
  )
