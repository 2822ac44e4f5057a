import type { Clock } from "./model/retry.ts"

/** `signal` aborts so long after `leave` does. */
export function lateAfter(leave: AbortSignal, ms: number) {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const begin = () => {
    timer = setTimeout(() => late.abort(), ms)
  }
  if (leave.aborted) begin()
  else leave.addEventListener("abort", begin, { once: true })
  return {
    signal: late.signal,
    close() {
      clearTimeout(timer)
      leave.removeEventListener("abort", begin)
    },
  }
}

/** Saving while a turn goes on: beside the work, and rarely enough that nobody feels it. */
export interface Policy {
  /** Between two saves. */
  leastMs: number
  /** Saving takes one part in so many of the time. */
  share: number
}

export const policy: Policy = { leastMs: 3 * 60_000, share: 20 }

export interface State {
  /** Whether something may have changed since the last save began. */
  touched: boolean
  /** When that began, or the last save ended. */
  since: number
  /** How long the last save took. */
  tookMs: number
}

export function decide({ touched, since, tookMs }: State, { leastMs, share }: Policy, now: number) {
  if (!touched) return { type: "rest" } as const
  const waitMs = since + Math.max(leastMs, share * tookMs) - now
  return waitMs > 0 ? ({ type: "wait", waitMs } as const) : ({ type: "save" } as const)
}

export type Saver = ReturnType<typeof create>

export interface Options {
  clock: Pick<Clock, "now" | "sleep">
  policy: Policy
  /** `patient`: what is being changed is left for the next time, and false says so. */
  save(options: { patient: boolean }): Promise<boolean>
}

export function create({ clock, policy, save }: Options) {
  let state: State = { touched: false, since: clock.now(), tookMs: 0 }
  /** Calls that may change something and are not done. */
  let busy = 0
  let rest = new AbortController()
  let running: Promise<void> | undefined
  let failure: { error: unknown } | undefined

  function touch() {
    if (!state.touched) state = { ...state, touched: true, since: clock.now() }
    wake()
  }

  async function once(patient: boolean) {
    const began = clock.now()
    state = { ...state, touched: busy > 0 }
    const isWhole = await save({ patient })
    state = { touched: state.touched || !isWhole, since: clock.now(), tookMs: clock.now() - began }
  }

  async function run(signal: AbortSignal) {
    while (!signal.aborted) {
      const next = decide(state, policy, clock.now())
      if (next.type === "rest") return
      if (next.type === "wait") await clock.sleep(next.waitMs, signal)
      else await once(true)
    }
  }

  function wake() {
    running ??= run(rest.signal)
      .catch((error: unknown) => {
        failure = { error }
      })
      .finally(() => {
        running = undefined
      })
  }

  return {
    /** A group of calls begins that may change something; `end` is to be called when it is done. */
    begin() {
      busy++
      touch()
      return () => {
        busy--
        touch()
      }
    },
    /** Saves at the end of a turn, whenever the last time was. Throws what went wrong on the way. */
    async finish() {
      rest.abort()
      await running
      rest = new AbortController()
      const before = failure
      failure = undefined
      if (before) throw before.error
      busy = 0
      await once(false)
    },
    stop: () => rest.abort(),
  }
}
