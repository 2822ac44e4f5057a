export * as Egress from "./index.ts"
import { Resource } from "sst"
import * as v from "valibot"
import { Actor } from "../actor/index.ts"
import { Dynamo } from "../dynamo/index.ts"
import { VisibleError } from "../error.ts"
import { Identifier } from "../identifier.ts"
import { Session } from "../session/index.ts"
import { fn } from "../util/fn.ts"
import { EgressEntity, type EgressItem } from "./entity.ts"
import { Allow, type Allowed, hostOf, type Info, type Policy } from "./schema.ts"

export * from "./schema.ts"

const ID = Identifier.schema("egress")
/** Hosts that people may allow, to all sessions and to one. */
export const most = { always: 200, session: 100 }

/** Whether what the model runs reaches everything, because nobody configured a list. */
export const isOpen = () => Resource.Settings.egress === undefined

/** What a session's worker goes by, beyond what was allowed in the session itself; undefined where all is open. */
export async function policy(sessionID: string): Promise<Policy | undefined> {
  Actor.assert("session.read", sessionID)
  if (isOpen()) return
  const items = await all()
  return { allowed: [...new Set([...configured(), ...items.map(({ allowed }) => allowed)])] }
}

/** Lets a session's commands reach a host from now on; again, it changes nothing. */
export const allow = fn(
  v.strictObject({ ...Allow.entries, sessionID: Session.Info.entries.id, id: v.optional(ID) }),
  async ({ sessionID, id = Identifier.create("egress"), host, port, always }) => {
    Actor.assert("egress.allow", sessionID)
    if (always) Actor.assert("egress.always")
    configured()
    const wanted: Allowed = { allowed: pattern(host, port), ...(always && { always: true }) }
    const info = await Session.fromID(sessionID)
    const known = info.egress?.find((item) => item.allowed === wanted.allowed)
    if (!known && (info.egress?.length ?? 0) >= most.session)
      throw new VisibleError("limit", "egress.many", `${most.session} hosts are allowed in this session already`)
    if (always) await keep(id, wanted.allowed)
    if (known && (known.always || !always)) return info
    return Session.add(sessionID, { id: Identifier.create("event"), kind: "setting", egress: wanted })
  },
)

/** What is allowed to all sessions: by the configuration, and by people, newest first. */
export async function list() {
  Actor.assert("egress.read")
  const items = (await all()).map(serialize).sort((one, other) => other.time.created - one.time.created)
  return { configured: configured(), items }
}

/** Takes a host back from the sessions' workers that start from now on. */
export const remove = fn(ID, async (id) => {
  Actor.assert("egress.manage")
  configured()
  const item = (await all()).find((item) => item.id === id)
  if (!item) throw new VisibleError("missing", "egress.missing", `There is no allowed host ${id}`)
  await EgressEntity.delete({ allowed: item.allowed }).go()
})

function configured() {
  const { egress } = Resource.Settings
  if (egress) return egress
  throw new VisibleError(
    "conflict",
    "egress.open",
    "Everything is allowed here already: commands are kept to a list of hosts only where EGRESS_ALLOWED_DOMAINS is set",
  )
}

function pattern(written: string, port: number | undefined) {
  const host = hostOf(written)
  if (host?.type === "name") return port === undefined ? host.name : `${host.name}:${port}`
  throw new VisibleError(
    "input",
    "egress.host",
    host ? "An address cannot be allowed: allow the name of a host" : "Must be the name of a host, such as example.com",
  )
}

async function all(): Promise<EgressItem[]> {
  const found = await EgressEntity.query.primary({}).go({ pages: "all", consistent: true })
  return found.data
}

async function keep(id: string, allowed: string) {
  const items = await all()
  if (items.some((item) => item.allowed === allowed)) return
  if (items.length >= most.always)
    throw new VisibleError(
      "limit",
      "egress.many",
      `${most.always} hosts are allowed already: remove one in the settings`,
    )
  await EgressEntity.create({ allowed, id, creator: label(Actor.use()), created: Date.now() })
    .go()
    .catch((error: unknown) => {
      // Somebody else allowed it at the same moment.
      if (!Dynamo.isConditionFailed(error)) throw error
    })
}

const label = (actor: Actor.Info) => ("name" in actor ? actor.name : actor.type)

function serialize({ id, allowed, creator, created }: EgressItem): Info {
  return { id, allowed, creator, time: { created } }
}
