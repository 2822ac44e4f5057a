import { Actor } from "@remote-swe/core/actor"
import { Diff } from "@remote-swe/core/diff"
import { VisibleError } from "@remote-swe/core/error"
import { Identifier } from "@remote-swe/core/identifier"
import { Log } from "@remote-swe/core/log"
import { Diff as DiffInfo } from "@remote-swe/core/protocol/schema"
import { Session } from "@remote-swe/core/session"
import { Hono } from "hono"
import * as v from "valibot"
import { ArtifactPage, Event, EventPage } from "../answer.ts"
import { type Env, integer, operation, validator } from "../common.ts"
import { stream } from "../stream.ts"

/** What there is to see of a session. */

const tag = "Sessions"
const sequence = integer(0, 1e9)
const id = validator("param", v.strictObject({ id: Identifier.schema("session") }))
/** One request looks at so many events for artifacts. */
const width = 2_000

export const ViewRoute = new Hono<Env>()
  .get(
    "/:id/events",
    operation({
      id: "session.events",
      tag,
      summary: "Events after a sequence (or, with `before`, up to one), in order, long texts shortened",
      answer: EventPage,
      problems: ["missing"],
    }),
    id,
    validator(
      "query",
      v.strictObject({
        after: v.optional(sequence),
        before: v.optional(integer(1, 1e9)),
        limit: v.optional(integer(1, 1_000)),
      }),
    ),
    async (c) => c.json(await Session.events({ id: c.req.valid("param").id, ...c.req.valid("query") })),
  )
  .get(
    "/:id/events/:seq",
    operation({ id: "session.event", tag, summary: "One event, whole", answer: Event, problems: ["missing"] }),
    validator("param", v.strictObject({ id: Identifier.schema("session"), seq: integer(1, 1e9) })),
    async (c) => {
      const { id, seq } = c.req.valid("param")
      await Session.fromID(id)
      return c.json(await Log.fromSeq(id, seq))
    },
  )
  .get(
    "/:id/stream",
    operation({
      id: "session.stream",
      tag,
      summary: "Server-sent events: `id` is the sequence, `Last-Event-ID` or `after` resumes, `deleted` is the end",
      answer: v.string(),
      media: "text/event-stream",
      problems: ["missing"],
    }),
    id,
    validator("query", v.strictObject({ after: v.optional(sequence) })),
    async (c) => {
      const { id } = c.req.valid("param")
      await Session.fromID(id)
      return stream(c, id, resume(c.req.header("last-event-id")) ?? c.req.valid("query").after ?? 0)
    },
  )
  .get(
    "/:id/diff",
    operation({
      id: "session.diff",
      tag,
      summary: "The session's changes against the branches that it started from",
      answer: DiffInfo,
      problems: ["missing"],
    }),
    id,
    async (c) => {
      const { id } = c.req.valid("param")
      await Session.fromID(id)
      return c.json(await Diff.fromSession(id))
    },
  )
  .get(
    "/:id/artifacts",
    operation({
      id: "session.artifacts",
      tag,
      summary: "Pull requests, branches, commits, files and previews, oldest first",
      answer: ArtifactPage,
      problems: ["missing"],
    }),
    id,
    validator("query", v.strictObject({ after: v.optional(sequence) })),
    async (c) => c.json(await artifacts(c.req.valid("param").id, c.req.valid("query").after ?? 0)),
  )

function resume(header: string | undefined) {
  if (!header) return
  if (!/^\d{1,9}$/.test(header))
    throw new VisibleError("input", "stream.resume", "Last-Event-ID must be the sequence of an event")
  return Number(header)
}

async function artifacts(sessionID: string, after: number) {
  Actor.assert("session.read", sessionID)
  const { head } = await Session.fromID(sessionID)
  const events = await Log.list({ sessionID, after, limit: width })
  const items = events.flatMap((event) =>
    event.kind === "artifact" ? [{ seq: event.seq, at: event.at, artifact: event.artifact }] : [],
  )
  const last = events.at(-1)
  return last && last.seq < head ? { items, next: last.seq } : { items }
}
