import * as v from "valibot"
import { type Allow, Listed } from "../egress/schema.ts"
import type { Ref } from "../file/schema.ts"
import { Artifact, decode, type Read } from "../log/schema.ts"
import { Info as Model, Provider } from "../model/schema.ts"
import { Diff } from "../protocol/schema.ts"
import {
  type Create,
  type Fork,
  type Import,
  Info,
  type Patch,
  type Reply,
  type Send,
  type Status,
} from "../session/schema.ts"
import { Report } from "../usage/schema.ts"
import { type Call, read, send, type Target } from "./http.ts"
import { stream } from "./stream.ts"
import { download, upload } from "./transfer.ts"

const policy = { attempts: 5, pauseMs: 5_000 }

const Sessions = v.object({ items: v.array(Info), cursor: v.optional(v.string()) })
const Events = v.object({ items: v.array(v.unknown()), head: v.number() })
const Said = v.object({ id: v.string(), seq: v.number() })
const Artifacts = v.object({
  items: v.array(v.object({ seq: v.number(), at: v.number(), artifact: Artifact })),
  next: v.optional(v.number()),
})
const Models = v.object({ provider: Provider, initial: v.string(), items: v.array(Model) })

interface Options {
  url: string
  /** An API key. */
  key: string
  fetch?: typeof fetch
}

export type Rest = ReturnType<typeof create>

/** The API as people's programs use it, with an API key. What is sent twice is done once. */
export function create({ url, key, fetch }: Options) {
  const target: Target = { url, secret: key, fetch, policy }
  const get = (path: string, query?: Call["query"]) => send(target, { method: "GET", path, query })
  const post = (path: string, body: unknown = {}) =>
    send(target, { method: "POST", path, body, headers: { "idempotency-key": crypto.randomUUID() } })

  return {
    async create(input: v.InferInput<typeof Create>) {
      return read(await post("/sessions", input), Info)
    },
    async list(query: { limit?: number; cursor?: string; status?: Status; search?: string } = {}) {
      return read(await get("/sessions", query), Sessions)
    },
    async get(id: string) {
      return read(await get(`/sessions/${id}`), Info)
    },
    async update(id: string, patch: v.InferInput<typeof Patch>) {
      return read(await send(target, { method: "PATCH", path: `/sessions/${id}`, body: patch }), Info)
    },
    async remove(id: string) {
      await send(target, { method: "DELETE", path: `/sessions/${id}` })
    },
    async send(id: string, input: v.InferInput<typeof Send>) {
      return read(await post(`/sessions/${id}/messages`, input), Said)
    },
    async stop(id: string) {
      return read(await post(`/sessions/${id}/stop`), Info)
    },
    async complete(id: string) {
      return read(await post(`/sessions/${id}/complete`), Info)
    },
    async answer(id: string, input: v.InferInput<typeof Reply>) {
      return read(await post(`/sessions/${id}/answer`, input), Info)
    },
    async fork(id: string, input: v.InferInput<typeof Fork> = {}) {
      return read(await post(`/sessions/${id}/fork`, input), Info)
    },
    /** A session from an export: its parts were uploaded before. */
    async import(input: v.InferInput<typeof Import>) {
      return read(await post("/sessions/import", input), Info)
    },
    /** Lets the session's commands reach a host. */
    async allow(id: string, input: v.InferInput<typeof Allow>) {
      return read(await post(`/sessions/${id}/egress`, input), Info)
    },
    /** The hosts that commands of all sessions may reach. */
    async egress() {
      return read(await get("/egress"), Listed)
    },
    async disallow(id: string) {
      await send(target, { method: "DELETE", path: `/egress/${id}` })
    },
    /** Events after `after`, long texts shortened. */
    async events(id: string, query: { after?: number; before?: number; limit?: number } = {}) {
      const page = await read(await get(`/sessions/${id}/events`, query), Events)
      return { items: page.items.map(decode), head: page.head }
    },
    /** One event, whole. */
    async event(id: string, seq: number): Promise<Read> {
      return decode(await read(await get(`/sessions/${id}/events/${seq}`), v.unknown()))
    },
    /** All events after `after`, as they come, without a gap, until the session is deleted or `signal` aborts. */
    stream: (id: string, options: { after?: number; signal?: AbortSignal } = {}) => stream(target, id, options),
    async diff(id: string) {
      return read(await get(`/sessions/${id}/diff`), Diff)
    },
    async artifacts(id: string, query: { after?: number } = {}) {
      return read(await get(`/sessions/${id}/artifacts`, query), Artifacts)
    },
    async models() {
      return read(await get("/models"), Models)
    },
    async usage(query: { from?: string; to?: string } = {}) {
      return read(await get("/usage", query), Report)
    },
    upload: (name: string, type: string, bytes: Uint8Array) => upload(target, "/files", { name, type, bytes }),
    download: (file: Pick<Ref, "id">) => download(target, `/files/${file.id}`),
  }
}
