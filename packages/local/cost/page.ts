import type { Measured } from "./measure.ts"
import * as Render from "./render.ts"
import type { Language } from "./words.ts"

/** The tables of a page, between marks that readers do not see. */

const tables = { session: Render.session, month: Render.month }
const names = Object.keys(tables) as (keyof typeof tables)[]

/** `text` with the tables of `measured`; throws where it has no place for them. */
export function fill(text: string, measured: Measured, language: Language) {
  return names.reduce((page, name) => {
    const [before, rest] = split(page, `<!-- cost ${name} -->\n`)
    const [, after] = split(rest, `<!-- cost end -->`)
    const table = tables[name](measured, language)
    return `${before}<!-- cost ${name} -->\n\n${table}\n\n<!-- cost end -->${after}`
  }, text)
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  if (at < 0) throw new Error(`The page has no mark ${mark.trim()}`)
  return [text.slice(0, at), text.slice(at + mark.length)]
}
