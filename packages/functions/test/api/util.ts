import { Actor } from "@remote-swe/core/actor"
import { Identifier, type Noun } from "@remote-swe/core/identifier"
import { Key } from "@remote-swe/core/key"
import type { Body } from "@remote-swe/core/log/schema"
import { Machine } from "@remote-swe/core/machine"
import { app } from "../../src/api/app.ts"

export const owner: Actor.Info = { type: "user", userID: "owner", name: "Ada", admin: true }

/** A new API key. */
export async function key(scope: Key.Scope = "full") {
  const made = await Actor.provide(owner, () => Key.create({ name: "tests", scope }))
  return made.secret
}

/** The token of a session's next generation, as the launcher would give it to a machine. */
export async function workerToken(sessionID: string, generation = 1) {
  return Actor.provide({ type: "system" }, async () => {
    const before = await Machine.find(sessionID)
    const token = await Machine.claim({
      sessionID,
      generation,
      before,
      turnID: undefined,
      failures: 0,
      now: Date.now(),
    })
    if (!token) throw new Error("The generation was taken")
    return token
  })
}

interface Options {
  key?: string
  body?: unknown
  headers?: Record<string, string>
}

/** One request to the API; `body` goes as JSON, a string as it is. */
export async function call(method: string, path: string, { key, body, headers }: Options = {}) {
  const response = await app.request(`/api/v1${path}`, {
    method,
    headers: {
      ...(key && { "x-api-key": key }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJSON = response.headers.get("content-type")?.startsWith("application/json")
  return { status: response.status, headers: response.headers, text, json: isJSON ? JSON.parse(text) : undefined }
}

type WithoutID<T> = T extends unknown ? Omit<T, "id"> : never

/** An event with a new id. */
export const event = (draft: WithoutID<Body>) => ({ id: Identifier.create("event"), ...draft }) as Body

export const join = (generation: number) =>
  event({ kind: "joined", generation, host: "test", version: "1", sandbox: "none" })

/** A worker's append, which must succeed. */
export async function append(token: string, after: number, events: readonly Body[]) {
  const { status, json, text } = await call("POST", "/worker/events", { key: token, body: { after, events } })
  if (status !== 200) throw new Error(text)
  return json.head as number
}

/** An id of nothing. */
export const missing = (noun: Noun) => Identifier.create(noun)
