import { Actor } from "../actor/index.ts"
import { VisibleError } from "../error.ts"
import { Identifier } from "../identifier.ts"
import { Logger } from "../logger.ts"
import { Session } from "../session/index.ts"
import { decide, type Decision, type Policy } from "./decide.ts"
import * as Machine from "./machine.ts"
import type { Instance, Listed, Provider } from "./provider.ts"

export interface World {
  provider: Provider
  policy: Policy
  now?(): number
}

/** Decisions after which there may be more to do at once. */
const rounds = 6

/**
 * Looks at a session and does what is due for its machine, until there is nothing more to do now. Safe
 * to call at any time, from anywhere, as often as one likes; answers the last decision. `seen`: machines
 * that the caller has looked at a moment ago.
 */
export function launch(sessionID: string, world: World, seen: readonly Listed[] = []): Promise<Decision> {
  return Actor.provide({ type: "system" }, async () => {
    const now = world.now ?? Date.now
    for (let round = 1; ; round++) {
      const [session, machine] = await Promise.all([load(sessionID), Machine.find(sessionID)])
      if (!session && !machine) return clear(sessionID, world.provider)
      const instance = await describe(machine, world.provider, round === 1 ? seen : [])
      if (machine) await note(machine, instance)
      const decision = decide({ session, machine, instance, now: now(), policy: world.policy })
      if (decision.type === "nothing" || decision.type === "wait") return decision
      const isSettled = await execute(decision, { ...world, sessionID, session, machine, now: now() })
      if (isSettled || round === rounds) return decision
    }
  })
}

async function describe(machine: Machine.Info | undefined, provider: Provider, seen: readonly Listed[]) {
  if (machine?.state.type !== "active") return { type: "absent" } as const
  const { sessionID, generation, state } = machine
  const known = seen.find((item) => item.sessionID === sessionID && item.generation === generation)
  return known?.instance ?? provider.describe({ sessionID, generation, since: state.since })
}

/** Whoever started the machine may have broken down before it could write down which one it is. */
async function note({ sessionID, generation, instanceID: known }: Machine.Info, instance: Instance) {
  if (known || (instance.type !== "alive" && instance.type !== "asleep")) return
  const { instanceID, boot } = instance
  if (instanceID && boot) await Machine.place({ sessionID, generation, instanceID, boot })
}

/** A deleted session takes the record of its machine with it. */
async function clear(sessionID: string, provider: Provider): Promise<Decision> {
  const left = (await provider.list()).filter((item) => item.sessionID === sessionID)
  await Promise.all(left.map((item) => provider.terminate(item)))
  return { type: "nothing" }
}

async function load(sessionID: string) {
  return Session.fromID(sessionID).catch((error: unknown) => {
    if (error instanceof Session.NotFoundError) return undefined
    throw error
  })
}

interface Scene {
  sessionID: string
  session: Session.Info | undefined
  machine: Machine.Info | undefined
  provider: Provider
  now: number
}

/** True where it takes a while until there is more to see. */
async function execute(decision: Exclude<Decision, { type: "nothing" | "wait" }>, scene: Scene): Promise<boolean> {
  const { sessionID, session, machine, provider, now } = scene
  if (decision.type === "fail") return giveUp(scene, decision.failures)
  const { generation } = decision
  const reference = (generation: number) => ({
    ...{ sessionID, generation },
    ...(machine?.generation === generation && { instanceID: machine.instanceID }),
  })
  const own = reference(generation)
  switch (decision.type) {
    case "start":
    case "resume":
      return start(decision, scene)
    case "replace":
      await provider.terminate(reference(generation - 1))
      return start(decision, scene)
    case "nudge":
      if (session) await Session.nudge(session)
      return true
    case "wake":
      await provider.wake?.({ sessionID, generation, since: now })
      return true
    case "stop":
      await provider.terminate(own)
      return true
    case "terminate":
      await provider.terminate(own)
      if (decision.reason === "removed") await Machine.remove(sessionID)
      else await Machine.end({ sessionID, generation, reason: "left", failures: 0, now })
      return false
    case "lost": {
      const { reason, failures } = decision
      Logger.warn("a worker is lost", { code: "machine.lost", sessionID, generation, reason, failures })
      // In this order: its token ends before anybody is told that it is gone.
      await Machine.end({ sessionID, generation, reason, failures, now })
      await provider.terminate(own)
      await leave(scene, generation, reason)
      return false
    }
  }
}

/** The claim comes first: of those who decided the same, one goes on. */
async function start({ generation, failures }: { generation: number; failures: number }, scene: Scene) {
  const { sessionID, session, machine, provider, now } = scene
  const claim = { sessionID, generation, failures, before: machine, turnID: session?.turnID, now }
  const token = await Machine.claim(claim)
  if (!token) return false
  try {
    const started = await provider.start({ sessionID, generation, token, since: now })
    if (started) await Machine.place({ sessionID, generation, ...started })
    return true
  } catch (error) {
    Logger.error("a machine could not be started", { code: "machine.unavailable", sessionID, generation, error })
    await Machine.end({ sessionID, generation, reason: "start", failures: failures + 1, now })
    await provider.terminate({ sessionID, generation })
    if (failures === 0) await excuse(scene, error)
    return false
  }
}

/** Says once why nothing happens, where a person can do something about it. */
async function excuse({ sessionID, session }: Scene, error: unknown) {
  if (!session || !(error instanceof VisibleError)) return
  const text = `${error.message}. A machine is asked for again, with pauses.`
  const id = Identifier.create("event")
  await Session.add(sessionID, { id, kind: "notice", level: "warning", code: error.code, text })
}

/** Said only while the worker is the one in place: another launcher may have found out as well. */
async function leave({ sessionID, session }: Scene, generation: number, detail: string) {
  if (!session) return
  const id = Identifier.create("event")
  await Session.addWhile(
    sessionID,
    { id, kind: "left", generation, reason: "lost", detail },
    ({ worker }) => worker.type === "joined" && worker.generation === generation,
  )
}

const broken = {
  code: "machine.failed",
  message:
    "The worker broke down again and again, so this turn was given up. Send a message to try once more; the log of the worker says what happened.",
}

/** Ends what is unread and unfinished as failed, in the order in which the worker would have. */
async function giveUp({ sessionID, session, machine, now }: Scene, failures: number) {
  if (!session || !machine || !(await Machine.blame({ sessionID, failures, now }))) return false
  const { turnID, unread } = session
  const id = () => Identifier.create("event")
  const ended = (turnID: string) => ({ phase: "ended", turnID, outcome: "failed", problem: broken }) as const
  await Session.add(sessionID, { id: id(), kind: "notice", level: "error", code: broken.code, text: broken.message })
  if (turnID) await Session.add(sessionID, { id: id(), kind: "turn", turn: ended(turnID) })
  if (unread.length > 0) {
    const next = Identifier.create("turn")
    const read = unread.map((item) => item.seq)
    await Session.add(sessionID, { id: id(), kind: "turn", turn: { phase: "started", turnID: next, read } })
    await Session.add(sessionID, { id: id(), kind: "turn", turn: ended(next) })
  }
  await Machine.forgive(machine)
  return false
}
