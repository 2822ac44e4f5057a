import { type Kind, VisibleError } from "@remote-swe/core/error"
import type { Actor } from "@remote-swe/core/actor"
import type { Context, MiddlewareHandler, ValidationTargets } from "hono"
import { describeRoute, resolver, uniqueSymbol } from "hono-openapi"
import type { ContentfulStatusCode } from "hono/utils/http-status"
import * as v from "valibot"

export interface Env {
  Variables: {
    requestID: string
    actor: Actor.Info
    /** What the ids of all that this request makes end with. */
    ending: string
    /** An earlier run of this request broke off and may have made something. */
    repeated: boolean
    /** The answer is shown once and kept nowhere. */
    secret: boolean
    /** The body, parsed. */
    body: unknown
  }
}

export const status = {
  input: 400,
  unauthorized: 401,
  forbidden: 403,
  missing: 404,
  conflict: 409,
  large: 413,
  limit: 429,
} as const satisfies Record<Kind, ContentfulStatusCode>

export const Problem = v.pipe(v.strictObject({ code: v.string(), message: v.string() }), v.metadata({ ref: "Problem" }))
const Bug = v.pipe(
  v.strictObject({ code: v.literal("internal"), message: v.string(), requestID: v.string() }),
  v.metadata({ ref: "Bug" }),
)

const described: Record<Kind, string> = {
  input: "The request is not as it must be; the message says what to change",
  unauthorized: "The key or token is missing, unknown or has ended",
  forbidden: "This key or token may not do this",
  missing: "There is no such thing",
  conflict: "Something else came first; the code says what",
  large: "The body is too large",
  limit: "Too much at once: try again later",
}

/** Who may call: anybody, a person with an API key, or a worker with its session token. */
export type Access = "public" | "person" | "worker"

export const security: Record<Access, Record<string, string[]>[]> = {
  public: [],
  person: [{ apiKey: [] }, { bearer: [] }],
  worker: [{ sessionToken: [] }],
}

interface Operation {
  id: string
  tag: string
  summary: string
  access?: Access
  code?: 200 | 201 | 202 | 204
  /** What it answers; nothing for 204. */
  answer?: v.GenericSchema
  media?: string
  problems?: readonly Kind[]
}

/** Describes a route in the OpenAPI document, with all that it may answer. */
export function operation(input: Operation) {
  const { id, tag, summary, access = "person", code = 200, answer, media = "application/json" } = input
  const kinds: Kind[] = [...(access === "public" ? [] : (["unauthorized", "forbidden"] as const)), "input"]
  const problems = [...new Set([...kinds, ...(input.problems ?? [])])]
  return describeRoute({
    operationId: id,
    tags: [tag],
    summary,
    security: security[access],
    responses: {
      [code]: { description: summary, ...(answer && { content: { [media]: { schema: resolver(answer) } } }) },
      ...Object.fromEntries(problems.map((kind) => [status[kind], json(described[kind], Problem)])),
      500: json("A mistake of ours, under the request's id", Bug),
    },
  })
}

function json(description: string, schema: v.GenericSchema) {
  return { description, content: { "application/json": { schema: resolver(schema) } } }
}

type Target = "json" | "query" | "param"
type Text<Schema extends v.GenericSchema> = { [Key in keyof v.InferInput<Schema>]: string }
type Validated<T extends Target, Schema extends v.GenericSchema> = {
  in: { [K in T]: T extends "json" ? v.InferInput<Schema> : Text<Schema> }
  out: { [K in T]: v.InferOutput<Schema> }
}

/** Parses part of a request, or says which field is wrong. */
export function validator<T extends Target, Schema extends v.GenericSchema>(target: T, schema: Schema) {
  const middleware: MiddlewareHandler<Env, string, Validated<T, Schema>> = async (c, next) => {
    const parsed = v.safeParse(schema, read(c, target))
    if (!parsed.success) throw refused(target, parsed.issues[0])
    c.req.addValidatedData(target satisfies keyof ValidationTargets, Object(parsed.output))
    await next()
  }
  return Object.assign(middleware, { [uniqueSymbol]: { target, ...resolver(schema) } })
}

function read(c: Context<Env>, target: Target): unknown {
  switch (target) {
    case "json":
      return c.var.body ?? {}
    case "param":
      return c.req.param()
    case "query":
      return Object.fromEntries(
        Object.entries(c.req.queries()).map(([key, values]) => [key, values.length === 1 ? values[0] : values]),
      )
  }
}

/** What was sent may be long, and is not repeated beyond this. */
const longest = 400

function refused(target: Target, issue: v.BaseIssue<unknown>) {
  const path = v.getDotPath(issue)
  const text = describe(issue, path).slice(0, longest)
  if (target === "param") return new VisibleError("missing", "route.missing", `There is nothing here. ${text}`)
  return new VisibleError("input", `${target === "json" ? "body" : "query"}.invalid`, text)
}

function describe(issue: v.BaseIssue<unknown>, path: string | null) {
  if (issue.type === "strict_object" && issue.expected === "never") return `Unknown field ${path}: leave it out`
  if (issue.type.endsWith("object") && issue.received === "undefined") return `${path} is missing`
  return path ? `${path}: ${issue.message}` : issue.message
}

/** A whole number in a query. */
export const integer = (min: number, max: number) =>
  v.pipe(v.string(), v.regex(/^\d{1,15}$/, "Must be a whole number"), v.toNumber(), v.minValue(min), v.maxValue(max))
