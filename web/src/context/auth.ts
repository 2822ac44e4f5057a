import "server-only"
import { Actor } from "@remote-swe/core/actor"
import { VisibleError } from "@remote-swe/core/error"
import { Logger } from "@remote-swe/core/logger"
import { getRequestEvent } from "solid-js/web"
import { Resource } from "sst"
import * as v from "valibot"

/**
 * The one place that decides who is calling. A dashboard whose address is the machine's own belongs to
 * the owner, who needs no login; any other address has no one yet who could sign in, so nobody may.
 */
function caller(): Actor.Info {
  const request = getRequestEvent()?.request
  const ours = isLoopback(new URL(Resource.Settings.webURL).hostname)
  const asked = request && isLoopback(new URL(request.url).hostname)
  return ours && asked ? { type: "user", userID: "owner", name: "Owner", admin: true } : { type: "public" }
}

const isLoopback = (host: string) => host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host)

/** What a server function tells the browser when it fails: nothing but what may be shown. */
export class Problem extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = "Problem"
    this.code = code
    // A page carries the error that it shows to the browser, trace and all: paths are nobody's business there.
    Reflect.deleteProperty(this, "stack")
  }
}

/** Runs `cb` as whoever is calling. Every server function goes through here. */
export async function withActor<Result>(cb: (actor: Actor.Info) => Result | Promise<Result>): Promise<Result> {
  const actor = caller()
  return Actor.provide(actor, async () => cb(actor)).catch((error: unknown) => {
    throw problem(error)
  })
}

/** Parses what a browser sent; throws what may be shown. */
export function parse<Schema extends v.GenericSchema>(schema: Schema, input: unknown): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, input)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const path = v.getDotPath(issue)
  throw new VisibleError("input", "input.invalid", path ? `${path}: ${issue.message}` : issue.message)
}

function problem(error: unknown) {
  if (error instanceof VisibleError) return new Problem(error.code, error.message)
  Logger.error("a server function of the dashboard failed", { error })
  return new Problem("internal", "Something went wrong on our side")
}
