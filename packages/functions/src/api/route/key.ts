import { Identifier } from "@remote-swe/core/identifier"
import { Key } from "@remote-swe/core/key"
import { Hono } from "hono"
import * as v from "valibot"
import { type Env, operation, validator } from "../common.ts"

const tag = "Keys"

export const KeyRoute = new Hono<Env>()
  .post(
    "/",
    operation({
      id: "key.create",
      tag,
      summary: "Make an API key; `secret` is shown this once",
      code: 201,
      answer: Key.Created,
      problems: ["conflict", "large"],
    }),
    validator("json", Key.Create),
    async (c) => {
      c.set("secret", true)
      return c.json(await Key.create({ ...c.req.valid("json"), id: Identifier.create("key", c.var.ending) }), 201)
    },
  )
  .get(
    "/",
    operation({
      id: "key.list",
      tag,
      summary: "All API keys, newest first, without their secrets",
      answer: v.strictObject({ items: v.array(Key.Info) }),
    }),
    async (c) => c.json({ items: await Key.list() }),
  )
  .delete(
    "/:id",
    operation({ id: "key.remove", tag, summary: "End an API key at once", code: 204, problems: ["missing"] }),
    validator("param", v.strictObject({ id: Identifier.schema("key") })),
    async (c) => {
      await Key.remove(c.req.valid("param").id)
      return c.body(null, 204)
    },
  )
