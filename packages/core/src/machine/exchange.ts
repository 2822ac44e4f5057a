import { Resource } from "sst"
import { Actor } from "../actor/index.ts"
import { VisibleError } from "../error.ts"
import { Identity } from "../identity/index.ts"
import { Logger } from "../logger.ts"
import { Session } from "../session/index.ts"
import * as Machine from "./machine.ts"

/** How old a proof may be, and how far the clocks may differ. */
const freshMs = 5 * 60_000

/**
 * A session token for the worker of a machine that proves what it is; the token before it ends. Only while
 * the machine boots: once its worker has joined, whatever else runs on it has no use for its role. Whoever
 * is refused learns nothing, so a worker that is early asks again.
 */
export async function exchange(proof: Identity.Proof, now = Date.now()): Promise<string> {
  const { sessionID, generation, date } = proof
  const instanceID = await booting(proof)
  if (!instanceID || !isFresh(date, now)) throw refusal()
  const isOurs = (await Identity.caller(proof)) === `${Resource.WorkerIdentity.assumedRole}/${instanceID}`
  const token = isOurs ? await Actor.provide({ type: "worker", sessionID, generation }, () => renew(proof)) : undefined
  if (token) return token
  Logger.warn("a machine was refused its token", { sessionID, generation, instanceID, isOurs })
  throw refusal()
}

/** The id of the machine that the proof speaks of, while it is awaited. */
async function booting({ sessionID, generation }: Identity.Proof) {
  if (!("WorkerIdentity" in Resource)) return
  const machine = await Machine.find(sessionID)
  if (machine?.generation !== generation || machine.state.type !== "active") return
  return machine.instanceID
}

async function renew({ sessionID, generation, date }: Identity.Proof) {
  const session = await Session.fromID(sessionID)
  return session.generation < generation ? Machine.renew({ sessionID, generation, date }) : undefined
}

/** A date that isn't one is not fresh. */
function isFresh(date: string, now: number) {
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"))
  return Math.abs(now - at) <= freshMs
}

const refusal = () => new VisibleError("forbidden", "machine.identity", "This proof is not good here, or not yet")
