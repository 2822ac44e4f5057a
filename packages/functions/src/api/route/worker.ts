import { Actor } from "@remote-swe/core/actor"
import { Diff } from "@remote-swe/core/diff"
import { Egress } from "@remote-swe/core/egress"
import { VisibleError } from "@remote-swe/core/error"
import { File } from "@remote-swe/core/file"
import { Identifier } from "@remote-swe/core/identifier"
import { Log } from "@remote-swe/core/log"
import { Machine } from "@remote-swe/core/machine"
import { Model } from "@remote-swe/core/model"
import {
  Append,
  Appended,
  Assignment,
  Credential,
  Diff as DiffInfo,
  outdated,
  Pulse,
  version,
} from "@remote-swe/core/protocol/schema"
import { Realtime } from "@remote-swe/core/realtime"
import { Topic } from "@remote-swe/core/realtime/topic"
import { Session } from "@remote-swe/core/session"
import { Hono } from "hono"
import { Resource } from "sst"
import * as v from "valibot"
import { WorkerEventPage } from "../answer.ts"
import { type Env, integer, operation, validator } from "../common.ts"
import { credential } from "../credential.ts"

const tag = "Worker"
const access = "worker"
/** Model calls of one turn, after which the worker asks whether to go on. */
const maxTurnCalls = 500
/** Lambda answers with up to 6 MB. */
const maxPage = 4_000_000

export const WorkerRoute = new Hono<Env>()
  .get(
    "/session",
    operation({
      id: "worker.session",
      tag,
      access,
      summary: "What this worker is to do",
      answer: Assignment,
      problems: ["conflict"],
    }),
    validator("query", v.strictObject({ protocol: v.optional(integer(0, 1e9), String(version.unsaid)) })),
    async (c) => {
      admit(c.req.valid("query").protocol)
      return c.json(await assignment())
    },
  )
  .get(
    "/events",
    operation({
      id: "worker.events",
      tag,
      access,
      summary: "Events after a sequence, whole; fewer than asked for when they are large",
      answer: WorkerEventPage,
    }),
    validator("query", v.strictObject({ after: v.optional(integer(0, 1e9)), limit: v.optional(integer(1, 1_000)) })),
    async (c) => c.json(await events(c.req.valid("query"))),
  )
  .post(
    "/events",
    operation({
      id: "worker.append",
      tag,
      access,
      summary: "Append events right after a sequence, in order",
      answer: Appended,
      problems: ["conflict", "large"],
    }),
    validator("json", Append),
    async (c) => c.json(await Session.work({ ...me(), ...c.req.valid("json") })),
  )
  .post(
    "/heartbeat",
    operation({
      id: "worker.heartbeat",
      tag,
      access,
      summary: "The worker lives",
      answer: Pulse,
      problems: ["conflict", "large"],
    }),
    validator("json", v.strictObject({})),
    async (c) => {
      await Machine.beat(me())
      return c.json({ head: await Log.head(me().sessionID) })
    },
  )
  .get(
    "/realtime",
    operation({ id: "worker.realtime", tag, access, summary: "A fresh token for the broker", answer: Realtime.Access }),
    async (c) => c.json(await realtime()),
  )
  .put(
    "/diff",
    operation({
      id: "worker.diff",
      tag,
      access,
      summary: "The session's changes as they are now",
      code: 204,
      problems: ["large"],
    }),
    validator("json", DiffInfo),
    async (c) => {
      await Diff.set({ sessionID: me().sessionID, diff: c.req.valid("json") })
      return c.body(null, 204)
    },
  )
  .post(
    "/git-credential",
    operation({
      id: "worker.credential",
      tag,
      access,
      summary: "What git needs to talk to an address; empty where it needs nothing",
      answer: Credential,
      problems: ["missing", "conflict", "large", "limit"],
    }),
    validator("json", v.strictObject({ url: v.pipe(v.string(), v.maxLength(2_000)) })),
    async (c) => c.json(await credential(me().sessionID, c.req.valid("json").url)),
  )
  .post(
    "/files",
    operation({
      id: "worker.upload",
      tag,
      access,
      summary: "Prepare the upload of a file of the session",
      code: 201,
      answer: File.Upload,
      problems: ["conflict", "large"],
    }),
    validator("json", File.Create),
    async (c) => {
      const id = Identifier.create("file", c.var.ending)
      return c.json(await File.create({ ...c.req.valid("json"), id, sessionID: me().sessionID }), 201)
    },
  )
  .get(
    "/files/:id",
    operation({
      id: "worker.download",
      tag,
      access,
      summary: "Where to read a file of the session",
      answer: File.Download,
      problems: ["missing"],
    }),
    validator("param", v.strictObject({ id: Identifier.schema("file") })),
    async (c) => c.json(await File.fromID({ ...c.req.valid("param"), sessionID: me().sessionID })),
  )

/** The session and generation of the worker that calls. */
function me() {
  const actor = Actor.use()
  if (actor.type !== "worker") throw new Error("Only workers get here")
  return { sessionID: actor.sessionID, generation: actor.generation }
}

/** A machine may have started before a deployment that its worker knows nothing of. */
function admit(protocol: number) {
  if (protocol >= version.floor) return
  throw new VisibleError(
    "conflict",
    outdated,
    `This worker speaks version ${protocol}, and the API serves ${version.floor} and later: one of now takes over`,
  )
}

async function assignment(): Promise<Assignment> {
  const { sessionID, generation } = me()
  const [session, egress] = await Promise.all([Session.fromID(sessionID), Egress.policy(sessionID)])
  return {
    session,
    generation,
    model: session.model ? Model.fromID(session.model) : Model.initial(),
    provider: Model.provider(),
    models: Model.list(),
    realtime: await realtime(),
    policy: { idleMs: Resource.Settings.idleMs, maxTurnCalls, ...(egress && { egress }) },
  }
}

async function realtime() {
  const topic = (channel: Topic.Channel) => Topic.session(Realtime.root(), me().sessionID, channel)
  return Realtime.access(Actor.use(), { subscribe: [topic("inbox")], publish: [topic("delta")] })
}

async function events({ after = 0, limit = 200 }: { after?: number | undefined; limit?: number | undefined }) {
  const { sessionID } = Actor.assert("session.work", me().sessionID) && me()
  const found = await Log.list({ sessionID, after, limit, whole: true })
  let size = 0
  const fitting = found.filter((event, index) => {
    size += Buffer.byteLength(JSON.stringify(event))
    return index === 0 || size <= maxPage
  })
  const head = found.length < limit ? (found.at(-1)?.seq ?? after) : await Log.head(sessionID)
  return { events: fitting, head }
}
