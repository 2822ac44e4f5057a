/**
 * The units of time that have a fixed length, largest first. Months and years are missing on purpose:
 * how long they are depends on when they begin.
 *
 * @typedef {{ name: string, short: string, ms: number, aliases: string[] }} Unit
 * @type {readonly Unit[]}
 */
export const units = [
  { name: "week", short: "w", ms: 604_800_000, aliases: ["wk", "wks"] },
  { name: "day", short: "d", ms: 86_400_000, aliases: [] },
  { name: "hour", short: "h", ms: 3_600_000, aliases: ["hr", "hrs"] },
  { name: "minute", short: "m", ms: 60_000, aliases: ["min", "mins"] },
  { name: "second", short: "s", ms: 1_000, aliases: ["sec", "secs"] },
  { name: "millisecond", short: "ms", ms: 1, aliases: ["msec", "msecs"] },
]

/**
 * The unit that a person means by `word`: `m`, `min`, `minute` or `minutes`, in any case.
 *
 * @param {string} word
 */
export function fromWord(word) {
  const wanted = word.toLowerCase()
  return units.find(
    (unit) => [unit.short, unit.name, `${unit.name}s`].includes(wanted) || unit.aliases.includes(wanted),
  )
}
