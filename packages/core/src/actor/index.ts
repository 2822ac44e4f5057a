export * as Actor from "./index.ts"
import { AsyncLocalStorage } from "node:async_hooks"
import { VisibleError } from "../error.ts"
import type { Info } from "./schema.ts"

export * from "./schema.ts"

/** What an actor may ask for. A worker's rights hold for its own session only. */
export type Permission =
  | "session.create"
  | "session.read"
  | "session.write"
  | "session.work"
  | "key.manage"
  | "notification.manage"
  | "trigger.read"
  | "trigger.write"
  | "usage.read"
  | "egress.read"
  | "egress.allow"
  | "egress.always"
  | "egress.manage"
  | "file.write"
  | "file.read"
  | "system"

const person: readonly Permission[] = [
  "session.create",
  "session.read",
  "session.write",
  "trigger.read",
  "trigger.write",
  "usage.read",
  "egress.read",
  "egress.allow",
  "file.write",
  "file.read",
  "notification.manage",
]

const admin: readonly Permission[] = [...person, "key.manage", "egress.manage"]

/**
 * A key lies where programs work and nobody looks: what opens the network to all sessions to come is for
 * somebody who sees what was asked for.
 */
const adminInPerson: readonly Permission[] = [...admin, "egress.always"]

/** The one place that says who may do what. */
const rights: Record<Info["type"], readonly Permission[]> = {
  public: [],
  user: person,
  key: person,
  worker: ["session.read", "session.work", "file.write", "file.read"],
  trigger: ["session.create", "session.read", "session.write", "file.write"],
  system: [...admin, "session.work", "system"],
}

function rightsOf(actor: Info) {
  if (!("admin" in actor && actor.admin)) return rights[actor.type]
  return actor.type === "user" ? adminInPerson : admin
}

const storage = new AsyncLocalStorage<Info>()

/** Runs `cb`, and all that it awaits, as `actor`. */
export function provide<Result>(actor: Info, cb: () => Result) {
  return storage.run(actor, cb)
}

/** The actor of the current call; `public` where nobody was named. */
export function use(): Info {
  return storage.getStore() ?? { type: "public" }
}

/** Whether the current actor may ask for it at all. */
export const may = (permission: Permission) => rightsOf(use()).includes(permission)

/** Throws unless the current actor may do `permission`, for a worker: on the session that it works on. */
export function assert(permission: Permission, sessionID?: string) {
  const actor = use()
  if (actor.type === "public")
    throw new VisibleError("unauthorized", "actor.unknown", "Sign in, or send an API key in the x-api-key header")
  if (!rightsOf(actor).includes(permission))
    throw new VisibleError("forbidden", "actor.forbidden", `A ${actor.type} may not do this (${permission})`)
  if (actor.type === "worker" && sessionID !== actor.sessionID)
    throw new VisibleError("forbidden", "actor.forbidden", "A worker may only use its own session")
  return actor
}
