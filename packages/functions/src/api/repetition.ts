import { VisibleError } from "@remote-swe/core/error"
import { Idempotency } from "@remote-swe/core/idempotency"
import { Identifier } from "@remote-swe/core/identifier"
import type { Context } from "hono"
import { createMiddleware } from "hono/factory"
import type { ContentfulStatusCode } from "hono/utils/http-status"
import type { Env } from "./common.ts"

/** A `POST` with an `Idempotency-Key` is done once, however often it is sent. */
export const repetition = createMiddleware<Env>(async (c, next) => {
  c.set("ending", Identifier.ulid())
  c.set("repeated", false)
  const key = c.req.header("idempotency-key")
  // What is answered to nobody in particular is kept for nobody.
  if (c.req.method !== "POST" || key === undefined || !c.var.actor) return next()
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw new VisibleError("input", "idempotency.key", "An Idempotency-Key has 1 to 200 visible ASCII characters")

  const claim = await Idempotency.claim({ actor: who(c), route: c.req.path, key, body: await c.req.text() })
  if (claim.type === "done") return replay(c, claim.answer)
  c.set("ending", claim.ulid)
  c.set("repeated", claim.repeated)
  await next()
  await Idempotency.settle(claim, c.res.ok ? await answer(c) : undefined)
})

function who(c: Context<Env>) {
  const { name: _, ...rest } = { name: "", ...c.var.actor }
  return JSON.stringify(rest)
}

async function answer(c: Context<Env>): Promise<Idempotency.Answer> {
  if (!c.var.secret) return { status: c.res.status, body: await c.res.clone().text() }
  const problem = {
    code: "idempotency.secret",
    message: "This request was done, and its answer held a secret that is shown once: remove it and make another",
  }
  return { status: 409, body: JSON.stringify(problem) }
}

function replay(c: Context<Env>, { status, body }: Idempotency.Answer) {
  c.header("idempotency-replayed", "true")
  if (body === "") return c.body(null, 204)
  return c.body(body, status as ContentfulStatusCode, { "content-type": "application/json" })
}
