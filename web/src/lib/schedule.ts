import type { Info as Schedule, Unit } from "@remote-swe/core/schedule/schema"

/** A schedule as a form has it: what was typed, of each kind. */
export interface Plan {
  type: Schedule["type"]
  cron: string
  timezone: string
  every: string
  unit: Unit
  /** As `datetime-local` writes it, by the reader's clock. */
  at: string
}

/** What a form begins with; the reader's zone where it is known. */
export function planOf(schedule: Schedule | undefined, timezone: string): Plan {
  const empty: Plan = { type: "cron", cron: "0 9 * * mon-fri", timezone, every: "1", unit: "days", at: "" }
  switch (schedule?.type) {
    case undefined:
      return empty
    case "cron":
      return { ...empty, ...schedule }
    case "rate":
      return { ...empty, type: "rate", every: String(schedule.every), unit: schedule.unit }
    case "once":
      return { ...empty, type: "once", at: inputTime(schedule.at) }
  }
}

/** The schedule that a form says, unchecked. */
export function scheduleOf({ type, cron, timezone, every, unit, at }: Plan): Schedule {
  switch (type) {
    case "cron":
      return { type, cron, timezone }
    case "rate":
      return { type, every: Number(every), unit }
    case "once":
      return { type, at: new Date(at).getTime() }
  }
}

/** A moment as `datetime-local` takes it. */
export function inputTime(at: number) {
  const zone = new Date(at).getTimezoneOffset() * 60_000
  return new Date(at - zone).toISOString().slice(0, 16)
}
