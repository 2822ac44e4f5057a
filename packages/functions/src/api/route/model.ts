import { Model } from "@remote-swe/core/model"
import { Hono } from "hono"
import * as v from "valibot"
import { type Env, operation } from "../common.ts"

const Models = v.strictObject({ provider: Model.Provider, initial: v.string(), items: v.array(Model.Info) })

export const ModelRoute = new Hono<Env>().get(
  "/",
  operation({
    id: "model.list",
    tag: "Models",
    summary: "The models that may be named; `initial` is used where none is",
    answer: Models,
  }),
  async (c) => c.json({ provider: Model.provider(), initial: Model.initial().id, items: Model.list() }),
)
