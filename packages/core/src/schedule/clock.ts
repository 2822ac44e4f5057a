/** What the clocks of a time zone show. A time on the wall is written as the epoch ms at which UTC shows it. */

const dayMs = 86_400_000

const clocks = new Map<string, ReturnType<typeof create>>()

/** The clock of a zone. */
export function wall(timezone: string) {
  const known = clocks.get(timezone)
  if (known) return known
  const made = create(timezone)
  clocks.set(timezone, made)
  return made
}

function create(timeZone: string) {
  const format = new Intl.DateTimeFormat("en", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  })

  /** What the clock shows at a moment. */
  function read(at: number) {
    const parts: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute, second)
  }

  /** The first moment at which the clock shows this; undefined where it never does. */
  function moment(shown: number) {
    // Clocks are not changed twice in two days: what they showed before and after is all that it can be.
    const offsets = [shown - dayMs, shown + dayMs].map((at) => read(at) - at)
    const found = offsets.map((offset) => shown - offset).filter((at) => read(at) === shown)
    return found.length > 0 ? Math.min(...found) : undefined
  }

  return { read, moment }
}
