import { Identifier } from "@remote-swe/core/identifier"
import { Trigger } from "@remote-swe/core/trigger"
import { Hono } from "hono"
import * as v from "valibot"
import { TriggerInfo, TriggerPage } from "../answer.ts"
import { type Env, integer, operation, validator } from "../common.ts"

const tag = "Triggers"
const id = validator("param", v.strictObject({ id: Identifier.schema("trigger") }))
const none = validator("json", v.strictObject({}))
const Query = v.strictObject({ ...Trigger.List.entries, limit: v.optional(integer(1, 100)) })

export const TriggerRoute = new Hono<Env>()
  .post(
    "/",
    operation({
      id: "trigger.create",
      tag,
      summary: "Start a session, or say something in one, by the clock",
      code: 201,
      answer: TriggerInfo,
      problems: ["conflict", "large", "limit"],
    }),
    validator("json", Trigger.Create),
    async (c) => {
      const id = Identifier.create("trigger", c.var.ending)
      return c.json(await Trigger.create({ ...c.req.valid("json"), id }), 201)
    },
  )
  .get(
    "/",
    operation({ id: "trigger.list", tag, summary: "Triggers, newest first", answer: TriggerPage }),
    validator("query", Query),
    async (c) => c.json(await Trigger.list(c.req.valid("query"))),
  )
  .get(
    "/:id",
    operation({ id: "trigger.get", tag, summary: "One trigger", answer: TriggerInfo, problems: ["missing"] }),
    id,
    async (c) => c.json(await Trigger.fromID(c.req.valid("param").id)),
  )
  .patch(
    "/:id",
    operation({
      id: "trigger.update",
      tag,
      summary: "Change a trigger, pause it, or start it again",
      answer: TriggerInfo,
      problems: ["missing", "conflict", "large"],
    }),
    id,
    validator("json", Trigger.Patch),
    async (c) => c.json(await Trigger.update({ ...c.req.valid("json"), id: c.req.valid("param").id })),
  )
  .delete(
    "/:id",
    operation({
      id: "trigger.remove",
      tag,
      summary: "Remove a trigger; sessions that it started stay",
      code: 204,
      problems: ["missing"],
    }),
    id,
    async (c) => {
      await Trigger.remove(c.req.valid("param").id)
      return c.body(null, 204)
    },
  )
  .post(
    "/:id/run",
    operation({
      id: "trigger.run",
      tag,
      summary: "Do now what it does at its times, which go on as they were; `last` says which session",
      answer: TriggerInfo,
      problems: ["missing", "conflict", "large"],
    }),
    id,
    none,
    async (c) => c.json(await Trigger.run({ id: c.req.valid("param").id, ending: c.var.ending })),
  )
