import { fromWord } from "./unit.js"

const part = /([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*([a-z]+)/giy
const gap = /(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*)/giy

/**
 * Milliseconds that `text` stands for: `1h 30m`, `1.5 hours`, `-2 days, 4 hours and 10 seconds`.
 *
 * @param {string} text
 * @throws {SyntaxError} when it is no length of time, with the place where it stopped making sense
 */
export function parse(text) {
  const trimmed = text.trim()
  const negative = trimmed.startsWith("-")
  const body = negative ? trimmed.slice(1).trimStart() : trimmed
  if (body === "") throw new SyntaxError("A length of time needs at least one number and one unit")

  let total = 0
  let place = 0
  let previous = Infinity
  while (place < body.length) {
    part.lastIndex = place
    const found = part.exec(body)
    if (!found) throw new SyntaxError(`Expected a number and a unit at "${body.slice(place)}"`)
    const unit = fromWord(found[2])
    if (!unit) throw new SyntaxError(`There is no unit "${found[2]}"`)
    if (unit.ms >= previous) throw new SyntaxError(`"${found[0]}" must stand before the smaller units`)
    total += Number(found[1]) * unit.ms
    previous = unit.ms
    gap.lastIndex = part.lastIndex
    gap.exec(body)
    place = gap.lastIndex
  }
  return negative ? -total : total
}
