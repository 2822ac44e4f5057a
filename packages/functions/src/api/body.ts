import { VisibleError } from "@remote-swe/core/error"
import { bodyLimit } from "hono/body-limit"
import { createMiddleware } from "hono/factory"
import { root } from "./access.ts"
import type { Env } from "./common.ts"

const MiB = 1024 * 1024
/** A message has up to 200,000 characters, and JSON may take six bytes for one. */
export const personLimit = 2 * MiB
/** Lambda takes 6 MB. */
export const workerLimit = 5 * MiB
/** Far more than any schema has, and few enough for every recursive reader. */
const deepest = 64

const limit = (maxSize: number) =>
  bodyLimit({
    maxSize,
    onError: () => {
      throw new VisibleError("large", "body.large", `The body may have at most ${maxSize / MiB} MiB`)
    },
  })
const forPerson = limit(personLimit)
const forWorker = limit(workerLimit)

/** Refuses what is too large before it is read. */
export const limited = createMiddleware<Env>((c, next) =>
  c.req.path.startsWith(`${root}/worker/`) ? forWorker(c, next) : forPerson(c, next),
)

/** Parses a JSON body; none is as good as an empty object. */
export const parsed = createMiddleware<Env>(async (c, next) => {
  if (c.req.method === "GET" || c.req.method === "HEAD") return next()
  const text = await c.req.text()
  if (text.trim() === "") return next()
  const type = c.req.header("content-type") ?? ""
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type))
    throw new VisibleError("input", "body.type", "Send JSON, and say so with the header content-type: application/json")
  c.set("body", parse(text))
  return next()
})

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    check(value)
    return value
  } catch (error) {
    if (error instanceof VisibleError) throw error
    throw new VisibleError("input", "body.malformed", "The body is not valid JSON", { cause: error })
  }
}

/** Refuses what JSON allows and our stores do not: numbers out of range, and endless nesting. */
function check(value: unknown) {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest)
      throw new VisibleError("input", "body.deep", `The body is nested more than ${deepest} levels deep`)
    const next: unknown[] = []
    for (const item of level) {
      if (typeof item === "number" && !isStorable(item))
        throw new VisibleError("input", "body.number", `The number ${item} is out of range`)
      if (typeof item === "object" && item !== null) for (const child of Object.values(item)) next.push(child)
    }
    level = next
  }
}

/** DynamoDB keeps magnitudes from 1e-130 to 1e126. */
function isStorable(number: number) {
  const size = Math.abs(number)
  return size === 0 || (size > 1e-100 && size < 1e100)
}
