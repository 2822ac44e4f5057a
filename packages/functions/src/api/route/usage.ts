import { Usage } from "@remote-swe/core/usage"
import { Hono } from "hono"
import * as v from "valibot"
import { type Env, operation, validator } from "../common.ts"

const Query = v.strictObject({ from: v.optional(Usage.Day), to: v.optional(Usage.Day) })
const days = 30

export const UsageRoute = new Hono<Env>().get(
  "/",
  operation({
    id: "usage.report",
    tag: "Usage",
    summary: `Tokens and cost by day, model and session, deleted ones too; the last ${days} days by default`,
    answer: Usage.Report,
  }),
  validator("query", Query),
  async (c) => {
    const { to = day(Date.now()), from = day(Date.parse(to) - (days - 1) * 86_400_000) } = c.req.valid("query")
    return c.json(await Usage.report({ from, to }))
  },
)

const day = (at: number) => new Date(at).toISOString().slice(0, 10)
