import { readFileSync } from "node:fs"

/** The text of `<name>.txt` with `{{key}}` filled in, so that it cannot name another limit than the code has. */
export function describe(name: string, values: Record<string, string | number> = {}) {
  const text = readFileSync(new URL(`./${name}.txt`, import.meta.url), "utf8").trim()
  return text.replace(/\{\{(\w+)\}\}/g, (_, key: string) => {
    const value = values[key]
    if (value === undefined) throw new Error(`${name}.txt names {{${key}}}, which nobody gives`)
    return typeof value === "number" ? value.toLocaleString("en") : value
  })
}
