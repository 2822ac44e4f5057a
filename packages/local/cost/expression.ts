import type { Item, Value } from "./item.ts"

/** The part of DynamoDB's expressions that core uses, so that a copy of the table can follow its requests. */

export interface Names {
  ExpressionAttributeNames?: Record<string, string>
  ExpressionAttributeValues?: Item
}

/** Whether an item's keys fulfil a `KeyConditionExpression`. */
export function matches(expression: string, names: Names, item: Item) {
  // `BETWEEN a AND b` is one term.
  const whole = expression.replace(/BETWEEN\s+(:\w+)\s+AND\s+(:\w+)/gi, "BETWEEN $1,$2")
  return whole.split(/\s+and\s+/i).every((term) => holds(term.trim(), names, item))
}

function holds(term: string, names: Names, item: Item) {
  const [, begin, prefix] = /^begins_with\(\s*(#\w+)\s*,\s*(:\w+)\s*\)$/i.exec(term) ?? []
  if (begin && prefix) return text(nameOf(begin, names), item)?.startsWith(given(prefix, names)) ?? false
  const [, name, operator, first, second] = /^(#\w+)\s*(=|<=?|>=?|BETWEEN)\s*(:\w+)(?:,(:\w+))?$/i.exec(term) ?? []
  if (!name || !operator || !first) throw new Error(`The condition ${term} is not one that is counted`)
  const found = text(nameOf(name, names), item)
  if (found === undefined) return false
  // Keys of this table are ASCII, so that JavaScript orders them as DynamoDB does.
  const value = given(first, names)
  if (operator === "=") return found === value
  if (operator === "<") return found < value
  if (operator === "<=") return found <= value
  if (operator === ">") return found > value
  if (operator === ">=") return found >= value
  return found >= value && found <= given(second ?? "", names)
}

/** The item after an `UpdateExpression`. */
export function update(expression: string, names: Names, before: Item): Item {
  const after = { ...before }
  const parts = expression.split(/\b(SET|REMOVE|ADD|DELETE)\b/).slice(1)
  for (let index = 0; index < parts.length; index += 2) {
    const assignments = (parts[index + 1] ?? "").trim().split(/\s*,\s*(?![^(]*\))/)
    for (const assignment of assignments) {
      if (parts[index] === "SET") set(assignment, names, before, after)
      else if (parts[index] === "REMOVE") delete after[nameOf(assignment, names)]
      else throw new Error(`The update ${expression} is not one that is counted`)
    }
  }
  return after
}

function set(assignment: string, names: Names, before: Item, after: Item) {
  const [, target, unless, value] =
    /^(#\w+)\s*=\s*(?:(if_not_exists)\(\s*#\w+\s*,\s*)?(:\w+)\)?$/.exec(assignment.trim()) ?? []
  if (!target || !value) throw new Error(`The assignment ${assignment} is not one that is counted`)
  const name = nameOf(target, names)
  after[name] = (unless && before[name]) || valueOf(value, names)
}

function nameOf(alias: string, { ExpressionAttributeNames: known = {} }: Names) {
  return known[alias.trim()] ?? alias.trim()
}

function valueOf(alias: string, { ExpressionAttributeValues: known = {} }: Names): Value {
  const value = known[alias]
  if (!value) throw new Error(`An expression has no value for ${alias}`)
  return value
}

const given = (alias: string, names: Names) => valueOf(alias, names).S ?? ""
const text = (name: string, item: Item) => item[name]?.S
