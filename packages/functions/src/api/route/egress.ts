import { Egress } from "@remote-swe/core/egress"
import { Identifier } from "@remote-swe/core/identifier"
import { Hono } from "hono"
import * as v from "valibot"
import { SessionInfo } from "../answer.ts"
import { type Env, operation, validator } from "../common.ts"

/** The hosts that commands may reach, where they are kept to a list. */

const tag = "Egress"

export const SessionEgressRoute = new Hono<Env>().post(
  "/:id/egress",
  operation({
    id: "session.allow",
    tag,
    summary:
      "Let the session's commands reach a host, without a port at 80 and 443. `always`, for all sessions to come, is for admins in the dashboard: a key may not",
    answer: SessionInfo,
    problems: ["missing", "conflict", "large", "limit"],
  }),
  validator("param", v.strictObject({ id: Identifier.schema("session") })),
  validator("json", Egress.Allow),
  async (c) => {
    const id = Identifier.create("egress", c.var.ending)
    return c.json(await Egress.allow({ ...c.req.valid("json"), sessionID: c.req.valid("param").id, id }))
  },
)

export const EgressRoute = new Hono<Env>()
  .get(
    "/",
    operation({
      id: "egress.list",
      tag,
      summary: "The hosts that all sessions' commands may reach: from the configuration, and allowed by people since",
      answer: Egress.Listed,
      problems: ["conflict"],
    }),
    async (c) => c.json(await Egress.list()),
  )
  .delete(
    "/:id",
    operation({
      id: "egress.remove",
      tag,
      summary: "Take a host back from sessions whose workers start from now on",
      code: 204,
      problems: ["missing", "conflict"],
    }),
    validator("param", v.strictObject({ id: Identifier.schema("egress") })),
    async (c) => {
      await Egress.remove(c.req.valid("param").id)
      return c.body(null, 204)
    },
  )
