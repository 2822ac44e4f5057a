import { call } from "./util.ts"

/** JSON Schema, as far as our document uses it. */
export interface Schema {
  $ref?: string
  type?: string
  const?: unknown
  enum?: unknown[]
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  pattern?: string
  required?: string[]
  minLength?: number
  maxLength?: number
  minItems?: number
  minimum?: number
  maximum?: number
}

interface Parameter {
  in: "path" | "query"
  name: string
  schema: Schema
}

export interface Operation {
  operationId: string
  security: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { content: { "application/json": { schema: Schema } } }
  responses: Record<string, unknown>
}

/** All operations of the OpenAPI document. */
export async function operations() {
  const { json } = await call("GET", "/openapi.json")
  const paths: Record<string, Record<string, Operation>> = json.paths
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
}

/** The named schemas of the document. */
export async function schemas(): Promise<Record<string, Schema>> {
  const { json } = await call("GET", "/openapi.json")
  return json.components.schemas
}
