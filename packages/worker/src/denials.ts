import type { Policy } from "@remote-swe/core/egress/schema"
import * as Ledger from "./egress/ledger.ts"
import type { Egress } from "./egress/index.ts"
import type { Journal } from "./journal.ts"
import type { Tool } from "./tool/tool.ts"

export interface Options {
  egress: Egress.Info
  policy: Policy
  journal: Journal.Journal
}

export type Denials = Pick<ReturnType<typeof open>, "aside" | "settled">

/** Where everything is allowed. */
export const none: Denials = { aside: () => undefined, settled: async () => undefined }

/**
 * Writes down in the log what the network refused to commands, and lets through what the installation and the
 * session allow, as soon as the log says so.
 */
export function open({ egress, policy, journal }: Options) {
  const ledger = Ledger.create()
  let line = Promise.resolve()
  const failures: unknown[] = []

  const allow = () => egress.allow([...policy.allowed, ...(journal.info.egress ?? []).map((item) => item.allowed)])

  function write(draft: Tool.Draft | undefined) {
    if (!draft) return
    line = line
      .then(() => journal.append([draft]))
      .then(
        () => undefined,
        (error: unknown) => void failures.push(error),
      )
  }

  allow()
  const deaf = journal.listen((event) => {
    if (event.kind === "setting" && event.egress) {
      allow()
      ledger.widen(event.egress.allowed)
    }
    if (event.kind !== "turn") return
    if (event.turn.phase === "started") ledger.begin()
    else write(ledger.more())
  })
  egress.listen((refusal) => write(ledger.add(refusal)))

  return {
    /** What the model is to hear at the end of a call's result. */
    aside: ledger.take,
    /** Resolves when all is written down; throws what kept it from that. */
    async settled() {
      await line
      const [failure] = failures.splice(0)
      if (failure !== undefined) throw failure
    },
    close: () => void deaf(),
  }
}
