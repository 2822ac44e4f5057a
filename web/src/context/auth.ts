import "server-only"
import { Actor } from "@remote-swe/core/actor"
import { VisibleError } from "@remote-swe/core/error"
import { Logger } from "@remote-swe/core/logger"
import { SignIn } from "@remote-swe/core/sign-in"
import { getRequestEvent } from "solid-js/web"
import { Resource } from "sst"
import * as v from "valibot"
import { secretOf } from "../lib/sign-in/door.ts"
import { auth } from "../lib/sign-in/link.ts"

/** Who is calling, and, if they signed in, as whom. */
interface Caller {
  actor: Actor.Info
  person?: SignIn.Person
}

const callers = new WeakMap<Request, Promise<Caller>>()

/** Who is calling, found out once for each request. */
export async function caller(): Promise<Caller> {
  const request = getRequestEvent()?.request
  if (!request) return { actor: { type: "public" } }
  const known = callers.get(request)
  if (known) return known
  const found = identify(request)
  callers.set(request, found)
  return found
}

/**
 * The one place that decides who is calling: whoever signed in at the issuer. Without an issuer, a dashboard
 * whose address is the machine's own belongs to the owner, who needs no login; any other has nobody.
 */
async function identify(request: Request): Promise<Caller> {
  if (!auth()) return { actor: isOwners(request) ? owner : { type: "public" } }
  const secret = secretOf(request.headers.get("cookie"))
  const person = secret && (await SignIn.authenticate(secret, ask))
  if (!person) return { actor: { type: "public" } }
  const { userID, name, role } = person
  return { actor: { type: "user", userID, name, ...(role === "admin" && { admin: true }) }, person }
}

const owner: Actor.Info = { type: "user", userID: "owner", name: "Owner", admin: true }

const isOwners = (request: Request) =>
  isLoopback(new URL(Resource.Settings.webURL).hostname) && isLoopback(new URL(request.url).hostname)

/** The issuer's part is loaded when it is needed. */
const ask: SignIn.Ask = async (...given) => (await import("../lib/sign-in/issuer.ts")).ask(...given)

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

/** Runs `cb` as whoever is calling, but for nobody. Every server function goes through here. */
export async function withActor<Result>(cb: (actor: Actor.Info) => Result | Promise<Result>): Promise<Result> {
  const { actor } = await caller()
  return Actor.provide(actor, async () => {
    Actor.assert("session.read")
    return cb(actor)
  }).catch((error: unknown) => {
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
  if (error instanceof VisibleError) {
    answerWith(error.kind)
    return new Problem(error.code, error.message)
  }
  Logger.error("a server function of the dashboard failed", { error })
  return new Problem("internal", "Something went wrong on our side")
}

/** A page that was begun already keeps its status. */
function answerWith(kind: VisibleError["kind"]) {
  const response = getRequestEvent()?.response
  if (response && kind === "unauthorized") response.status = 401
  if (response && kind === "forbidden") response.status = 403
}
