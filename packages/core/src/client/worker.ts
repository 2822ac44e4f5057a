import * as v from "valibot"
import type { Ref } from "../file/schema.ts"
import { Access, type Proof } from "../identity/schema.ts"
import { type Body, decode, type Read } from "../log/schema.ts"
import { Credential as ModelCredential } from "../model/schema.ts"
import { Appended, Assignment, Credential, type Diff, Pulse, version } from "../protocol/schema.ts"
import { Access as Broker } from "../realtime/schema.ts"
import { type Call, read, send, type Target } from "./http.ts"
import { download, upload } from "./transfer.ts"

/** For about a minute: the API may be restarting, and there is nothing else to do. */
const policy = { attempts: 12, pauseMs: 8_000 }
/** The API takes 5 MB and 50 events at once. */
const most = { bytes: 4_000_000, events: 50 }

const Page = v.object({ events: v.array(v.unknown()), head: v.number() })

interface Options {
  url: string
  token: string
  fetch?: typeof fetch | undefined
  /** What the worker understands. */
  protocol?: number
}

/** A session token for a proof of what this machine is. 403: it is not good, or not yet. */
export async function token({ url, proof, fetch }: Pick<Options, "url" | "fetch"> & { proof: Proof }) {
  const target: Target = { url, secret: "", fetch, policy }
  return read(await send(target, { method: "POST", path: "/worker/token", body: proof }), Access)
}

export type Worker = ReturnType<typeof worker>

/** The API as a worker uses it, with its session token. */
export function worker({ url, token, fetch, protocol = version.current }: Options) {
  const target: Target = { url, secret: token, fetch, policy }
  const ask = (call: Omit<Call, "path"> & { path: string }) => send(target, { ...call, path: `/worker${call.path}` })

  return {
    /** What to work on, and with what. `worker.outdated`: the API serves later workers only. */
    async session() {
      return read(await ask({ method: "GET", path: "/session", query: { protocol } }), Assignment)
    },

    /**
     * Appends right after `after`. `log.conflict`: something came in between, read it and try again.
     * `log.replaced`, or 401: another worker has taken over.
     */
    async append({ after, events }: { after: number; events: readonly Body[] }) {
      let head = after
      for (const group of groups(events)) {
        const response = await ask({ method: "POST", path: "/events", body: { after: head, events: group } })
        head = (await read(response, Appended)).head
      }
      return { head }
    },

    /** Events after `after`, whole. Fewer than there are when they are many or large: `head` tells. */
    async events(query: { after?: number; limit?: number } = {}): Promise<{ events: Read[]; head: number }> {
      const page = await read(await ask({ method: "GET", path: "/events", query }), Page)
      return { events: page.events.map(decode), head: page.head }
    },

    async heartbeat() {
      return read(await ask({ method: "POST", path: "/heartbeat", body: {} }), Pulse)
    },

    /** A fresh token for the broker. */
    async realtime() {
      return read(await ask({ method: "GET", path: "/realtime" }), Broker)
    },

    async diff(diff: Diff) {
      await ask({ method: "PUT", path: "/diff", body: diff })
    },

    /** What the model's provider needs; empty where it needs nothing. */
    async modelCredential() {
      return read(await ask({ method: "GET", path: "/model-credential" }), ModelCredential)
    },

    /** What git needs to talk to `url`; empty where it needs nothing, or gets nothing. */
    async credential(url: string) {
      return read(await ask({ method: "POST", path: "/git-credential", body: { url } }), Credential)
    },

    upload: (name: string, type: string, bytes: Uint8Array) => upload(target, "/worker/files", { name, type, bytes }),

    download: (file: Pick<Ref, "id">) => download(target, `/worker/files/${file.id}`),
  }
}

function groups(events: readonly Body[]) {
  const found: Body[][] = []
  let size = 0
  for (const event of events) {
    const bytes = new TextEncoder().encode(JSON.stringify(event)).byteLength
    const last = found.at(-1)
    if (last && last.length < most.events && size + bytes <= most.bytes) {
      last.push(event)
      size += bytes
    } else {
      found.push([event])
      size = bytes
    }
  }
  return found
}
