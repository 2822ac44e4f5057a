import { Actor } from "@remote-swe/core/actor"
import { VisibleError } from "@remote-swe/core/error"
import { Key } from "@remote-swe/core/key"
import { Machine } from "@remote-swe/core/machine"
import { createMiddleware } from "hono/factory"
import type { Access, Env } from "./common.ts"

export const root = "/api/v1"

/** A machine that has no token yet proves at `/worker/token` what it is. */
const open = ["/health", "/openapi.json", "/docs", "/worker/token"].map((path) => root + path)

function accessOf(path: string): Access {
  if (open.includes(path)) return "public"
  return path.startsWith(`${root}/worker/`) ? "worker" : "person"
}

/** Finds out who calls, from the API key or session token, and runs the rest as them. */
export const access = createMiddleware<Env>(async (c, next) => {
  const wanted = accessOf(c.req.path)
  if (wanted === "public") return next()
  const actor = await identify(secretOf(c.req.header("x-api-key"), c.req.header("authorization")))
  if (wanted === "worker" && actor.type !== "worker")
    throw new VisibleError("forbidden", "token.kind", "Only a worker's session token opens /worker")
  if (wanted === "person" && actor.type === "worker")
    throw new VisibleError("forbidden", "token.kind", "A session token opens /worker and nothing else")
  c.set("actor", actor)
  return Actor.provide(actor, next)
})

async function identify(secret: string): Promise<Actor.Info> {
  if (!secret.startsWith("swe_w_")) return Key.authenticate(secret)
  return { type: "worker", ...(await Machine.authenticate(secret)) }
}

function secretOf(key: string | undefined, authorization: string | undefined) {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization?.trim() ?? "")?.[1]
  const secret = key?.trim() || bearer
  if (secret) return secret
  throw new VisibleError(
    "unauthorized",
    "key.absent",
    "Send an API key in the x-api-key header, or as Authorization: Bearer",
  )
}
