import { isDeepStrictEqual } from "node:util"
import type { Inputs, Resource, Result } from "../harness/result.ts"
import type { Scenes } from "../scenes.ts"

/** Something that must be true of the recorded resources. Throws where it is not. */
export interface Check {
  name: string
  run(scenes: Scenes, see: See): void | Promise<void>
}

export type See = ReturnType<typeof watch>

/** Assertions, counted. */
export function watch() {
  let count = 0
  function holds(condition: boolean, what: string) {
    count += 1
    if (!condition) throw new Error(what)
  }
  function same(actual: unknown, expected: unknown, what: string) {
    holds(isDeepStrictEqual(actual, expected), `${what}: ${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`)
  }
  /** `actual` has all that `part` has, however deep. */
  function has(actual: unknown, part: unknown, what: string) {
    holds(includes(actual, part), `${what}: ${JSON.stringify(actual)} lacks ${JSON.stringify(part)}`)
  }
  return { holds, same, has, count: () => count }
}

function includes(actual: unknown, part: unknown): boolean {
  if (Array.isArray(part)) return Array.isArray(actual) && part.every((item, index) => includes(actual[index], item))
  if (typeof part !== "object" || part === null) return Object.is(actual, part)
  if (typeof actual !== "object" || actual === null) return false
  return Object.entries(part).every(([key, item]) => includes((actual as Inputs)[key], item))
}

export const of = (result: Result, type: string) => result.resources.filter((item) => item.type === type)

export function one(result: Result, name: string, provider = "aws"): Resource {
  const found = result.resources.find((item) => item.name === name && item.type.startsWith(`${provider}:`))
  if (!found) throw new Error(`There is no ${name}`)
  return found
}

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value])

/** What stands at `a.0.b`; undefined where the path ends before. */
export const dig = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((at, key) => (typeof at === "object" && at ? (at as Inputs)[key] : undefined), value)

/** JSON where the program wrote text, an object where it wrote one. */
export const parsed = (value: unknown): Inputs => (typeof value === "string" ? JSON.parse(value) : (value as Inputs))

export interface Statement {
  Effect: string
  Action: string[]
  Resource: string[]
  Principal: unknown
  Condition: Record<string, Record<string, unknown>>
}

/** The statements of a policy document. */
export function statementsOf(document: unknown): Statement[] {
  return list(parsed(document)["Statement"]).map((item) => {
    const { Effect, Action, Resource, Principal, Condition } = item as Inputs
    return {
      Effect: String(Effect),
      Action: list(Action).map(String),
      Resource: list(Resource).map(String),
      Principal,
      Condition: (Condition ?? {}) as Statement["Condition"],
    }
  })
}

export const roles = (result: Result) => of(result, "aws:iam/role:Role")

export const documents = (role: Resource) =>
  list(role.inputs["inlinePolicies"]).map((item) => parsed((item as { policy: unknown }).policy))

export const granted = (role: Resource) => documents(role).flatMap(statementsOf)

/** The role of what `name` begins with, such as `Api`, or `LauncherQueueSubscriber` with its hash. */
export function roleOf(result: Result, name: string) {
  const found = roles(result).find((item) => item.name.startsWith(name))
  if (!found) throw new Error(`There is no role of ${name}`)
  return found
}
