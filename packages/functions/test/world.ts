import { Machine } from "@remote-swe/core/machine"

/** A provider whose machines exist on paper, and a clock that tests turn. */
export function world() {
  const started: Machine.Start[] = []
  const ended: Machine.Reference[] = []
  const gone = new Set<string>()
  const key = ({ sessionID, generation }: Machine.Reference) => `${sessionID} ${generation}`
  let now = Date.now()
  const provider: Machine.Provider = {
    async start(request) {
      started.push(request)
    },
    async describe(claim) {
      if (gone.has(key(claim))) return { type: "ended", reason: "exited" }
      return started.some((item) => key(item) === key(claim)) ? { type: "alive" } : { type: "absent" }
    },
    async terminate(machine) {
      ended.push({ sessionID: machine.sessionID, generation: machine.generation })
      gone.add(key(machine))
    },
    async list() {
      return started.filter((item) => !gone.has(key(item)))
    },
  }
  return {
    provider,
    policy: Machine.policy(30 * 60_000),
    now: () => now,
    started,
    ended,
    pass: (ms: number) => void (now += ms),
    die: (machine: Machine.Reference) => void gone.add(key(machine)),
    of: (sessionID: string) => started.filter((item) => item.sessionID === sessionID).map((item) => item.generation),
  }
}
