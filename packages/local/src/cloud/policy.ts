/** The part of IAM policies that IoT's custom authorisers use. */
export interface Statement {
  Action: string | string[]
  Effect: string
  Resource: string | string[]
}
export interface Document {
  Statement: Statement[]
}

/** Allowed by one statement and denied by none. */
export function allows(documents: readonly Document[], action: string, resource: string) {
  const effects = documents
    .flatMap((document) => document.Statement)
    .filter((item) => list(item.Action).some((pattern) => matches(pattern, action)))
    .filter((item) => list(item.Resource).some((pattern) => matches(pattern, resource)))
    .map((item) => item.Effect)
  return effects.includes("Allow") && !effects.includes("Deny")
}

const list = (value: string | string[]) => (Array.isArray(value) ? value : [value])

/** IAM's wildcards: `*` for any text, `?` for one character. */
function matches(pattern: string, text: string) {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".")
  return new RegExp(`^${source}$`, "s").test(text)
}
