import { units } from "./unit.js"

/**
 * Writes a length of time with its largest units, rounded to the smallest one that is shown:
 * `5_400_000` is `1h 30m`.
 *
 * @param {number} ms milliseconds; negative ones get a minus sign
 * @param {{ parts?: number, long?: boolean }} [options] `parts`: how many units to show at most (2);
 *   `long`: `1 hour, 30 minutes` instead of `1h 30m`
 */
export function format(ms, { parts = 2, long = false } = {}) {
  if (!Number.isFinite(ms)) throw new RangeError(`Not a length of time: ${ms}`)
  if (!Number.isInteger(parts) || parts < 1) throw new RangeError("parts must be 1 or more")

  const shown = choose(Math.abs(ms), parts)
  const words = []
  let rest = Math.abs(ms)
  for (const unit of shown) {
    const last = unit === shown.at(-1)
    const count = last ? Math.round(rest / unit.ms) : Math.floor(rest / unit.ms)
    rest -= count * unit.ms
    if (count > 0) words.push(write(count, unit, long))
  }
  if (words.length === 0) return write(0, shown.at(-1), long)
  return (ms < 0 ? "-" : "") + words.join(long ? ", " : " ")
}

/** The units to show: the largest one that fits, and those that follow it. */
function choose(total, parts) {
  const first = units.findIndex((unit) => total >= unit.ms)
  return first === -1 ? units.slice(-1) : units.slice(first, first + parts)
}

function write(count, unit, long) {
  if (!long) return `${count}${unit.short}`
  return `${count} ${unit.name}${count === 1 ? "" : "s"}`
}
