import type { Hono } from "hono"
import { type GenerateSpecOptions as Options, generateSpecs } from "hono-openapi"
import type { Env } from "./common.ts"

export type Document = Awaited<ReturnType<typeof generateSpecs>>

const documentation = (): Options["documentation"] => ({
  openapi: "3.1.0",
  info: {
    title: "Remote SWE",
    version: "1",
    description: [
      "Autonomous software engineers: give a task, watch, steer, get a pull request.",
      "Send an API key in `x-api-key`, or as `Authorization: Bearer`.",
      "A `POST` with an `Idempotency-Key` is done once, however often it is sent within a day.",
      "Problems are `{ code, message }`; the message says what to do.",
    ].join("\n\n"),
    license: { name: "MIT", identifier: "MIT" },
  },
  servers: [{ url: "/" }],
  components: {
    securitySchemes: {
      apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
      bearer: { type: "http", scheme: "bearer", description: "An API key" },
      sessionToken: { type: "http", scheme: "bearer", description: "A worker's session token" },
    },
  },
})

const documents = new WeakMap<Hono<Env>, Promise<Document>>()

/** The OpenAPI document of all routes, built once. */
export function document(app: Hono<Env>): Promise<Document> {
  const known = documents.get(app)
  if (known) return known
  const made = generateSpecs(app, {
    documentation: documentation(),
    excludeStaticFile: false,
    defaultValidationErrorResponse: false,
  })
  documents.set(app, made)
  return made
}
