import { Usage } from "@remote-swe/core/usage"
import { Hono } from "hono"
import * as v from "valibot"
import { type Env, operation, validator } from "../common.ts"

const days = 30

const Query = v.pipe(
  v.strictObject({ from: v.optional(Usage.Day), to: v.optional(Usage.Day) }),
  v.transform(({ to = day(Date.now()), from = day(Date.parse(to) - (days - 1) * 86_400_000) }) => ({ from, to })),
  Usage.Query,
)

export const UsageRoute = new Hono<Env>().get(
  "/",
  operation({
    id: "usage.report",
    tag: "Usage",
    summary: `Tokens and cost by day, model and session, deleted ones too; the last ${days} days by default`,
    answer: Usage.Report,
  }),
  validator("query", Query),
  async (c) => c.json(await Usage.report(c.req.valid("query"))),
)

function day(at: number) {
  return new Date(at).toISOString().slice(0, 10)
}
