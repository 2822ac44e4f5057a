import { Identifier } from "@remote-swe/core/identifier"
import { Model } from "@remote-swe/core/model"
import { Session } from "@remote-swe/core/session"
import { Hono } from "hono"
import * as v from "valibot"
import { Said, SessionInfo, SessionPage } from "../answer.ts"
import { type Env, integer, operation, validator } from "../common.ts"

const tag = "Sessions"
const id = validator("param", v.strictObject({ id: Identifier.schema("session") }))
const none = validator("json", v.strictObject({}))
const Query = v.strictObject({ ...Session.List.entries, limit: v.optional(integer(1, 100)) })

export const SessionRoute = new Hono<Env>()
  .post(
    "/",
    operation({
      id: "session.create",
      tag,
      summary: "Start a session with its first message",
      code: 201,
      answer: SessionInfo,
      problems: ["conflict", "large"],
    }),
    validator("json", Session.Create),
    async (c) => {
      const input = c.req.valid("json")
      Model.assert(input.model)
      const id = Identifier.create("session", c.var.ending)
      const messageID = Identifier.create("event", c.var.ending)
      return c.json(await Session.create({ ...input, id, messageID }), 201)
    },
  )
  .get(
    "/",
    operation({ id: "session.list", tag, summary: "Sessions, newest activity first", answer: SessionPage }),
    validator("query", Query),
    async (c) => c.json(await Session.list(c.req.valid("query"))),
  )
  .post(
    "/import",
    operation({
      id: "session.import",
      tag,
      summary: "A session from what was exported of one, whose parts were uploaded",
      code: 201,
      answer: SessionInfo,
      problems: ["missing", "conflict", "large"],
    }),
    validator("json", Session.Import),
    async (c) => {
      const input = c.req.valid("json")
      Model.assert(input.model)
      const newID = Identifier.create("session", c.var.ending)
      return c.json(await Session.fromExport({ ...input, newID }), 201)
    },
  )
  .get(
    "/:id",
    operation({ id: "session.get", tag, summary: "One session", answer: SessionInfo, problems: ["missing"] }),
    id,
    async (c) => c.json(await Session.fromID(c.req.valid("param").id)),
  )
  .patch(
    "/:id",
    operation({
      id: "session.update",
      tag,
      summary: "Change title, status or budget",
      answer: SessionInfo,
      problems: ["missing", "conflict", "large"],
    }),
    id,
    validator("json", Session.Patch),
    async (c) => c.json(await Session.update({ ...c.req.valid("json"), id: c.req.valid("param").id })),
  )
  .delete(
    "/:id",
    operation({
      id: "session.remove",
      tag,
      summary: "Delete a session with everything that belongs to it",
      code: 204,
      problems: ["missing"],
    }),
    id,
    async (c) => {
      await Session.remove(c.req.valid("param").id)
      return c.body(null, 204)
    },
  )
  .post(
    "/:id/messages",
    operation({
      id: "session.send",
      tag,
      summary: "Say something to the agent",
      code: 202,
      answer: Said,
      problems: ["missing", "conflict", "large"],
    }),
    id,
    validator("json", Session.Send),
    async (c) => {
      const input = c.req.valid("json")
      const sessionID = c.req.valid("param").id
      Model.assert(input.model)
      const messageID = Identifier.create("event", c.var.ending)
      return c.json(await Session.send({ ...input, sessionID, messageID }), 202)
    },
  )
  .post(
    "/:id/stop",
    operation({
      id: "session.stop",
      tag,
      summary: "Interrupt the turn in progress",
      answer: SessionInfo,
      problems: ["missing", "conflict", "large"],
    }),
    id,
    none,
    async (c) => c.json(await Session.stop(c.req.valid("param").id)),
  )
  .post(
    "/:id/complete",
    operation({
      id: "session.complete",
      tag,
      summary: "Close the session; a later message opens it again",
      answer: SessionInfo,
      problems: ["missing", "conflict", "large"],
    }),
    id,
    none,
    async (c) => c.json(await Session.complete(c.req.valid("param").id)),
  )
  .post(
    "/:id/answer",
    operation({
      id: "session.answer",
      tag,
      summary: "Answer what the agent asked",
      answer: SessionInfo,
      problems: ["missing", "conflict", "large"],
    }),
    id,
    validator("json", Session.Reply),
    async (c) => c.json(await Session.reply({ ...c.req.valid("json"), id: c.req.valid("param").id })),
  )
  .post(
    "/:id/fork",
    operation({
      id: "session.fork",
      tag,
      summary: "Go on with a copy of the session",
      code: 201,
      answer: SessionInfo,
      problems: ["missing", "conflict", "large"],
    }),
    id,
    validator("json", Session.Fork),
    async (c) => {
      const newID = Identifier.create("session", c.var.ending)
      return c.json(await Session.fork({ ...c.req.valid("json"), id: c.req.valid("param").id, newID }), 201)
    },
  )
