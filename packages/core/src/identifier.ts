export * as Identifier from "./identifier.ts"
import { monotonicFactory } from "ulid"
import * as v from "valibot"

const prefixes = {
  session: "ses",
  event: "evt",
  user: "usr",
  key: "key",
  file: "fil",
  turn: "trn",
  ask: "ask",
  agent: "agt",
  template: "tpl",
  trigger: "trg",
  egress: "egr",
  request: "req",
} as const

export type Noun = keyof typeof prefixes

const next = monotonicFactory()

/** What an id ends with: sorts by time of creation, also within one millisecond of one process. */
export const ulid = () => next().toLowerCase()

/** The id of a noun, such as `ses_01k9…`; the same `ending` makes the same id. */
export function create(noun: Noun, ending = ulid()) {
  return `${prefixes[noun]}_${ending}`
}

export function schema(noun: Noun) {
  const prefix = prefixes[noun]
  return v.pipe(
    v.string(),
    v.regex(
      new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`),
      `Must be the id of a ${noun}: ${prefix}_ and 26 characters`,
    ),
  )
}
