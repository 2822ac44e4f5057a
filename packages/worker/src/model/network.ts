import { ModelError } from "./model.ts"

/** What goes wrong between us and a provider, whichever it is. */

export const lost = (cause: unknown) => new ModelError("network", "The connection to the model was lost", { cause })

export const garbled = (cause: unknown) => new ModelError("network", "The answer came garbled", { cause })

/** Too much was said, in the words of whoever counts. */
export const isTooLong = (message: string) =>
  /(prompt|input) is too long|exceeds? (the )?(maximum )?context|context (limit|window|length)/i.test(message)

/** Milliseconds of a Retry-After header, which holds seconds or a date. */
export function retryAfter(header: (name: string) => string | null | undefined, now: number) {
  const exact = Number(header("retry-after-ms") ?? Number.NaN)
  if (Number.isFinite(exact)) return Math.max(0, exact)
  const text = header("retry-after")
  if (!text) return
  const seconds = Number(text)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** What Node's fetch throws, also while a body is read: a TypeError, or an error of its socket with a code. */
export function isConnectionCut(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = "code" in error ? String(error.code) : ""
  if (/^(UND_ERR_|ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|ERR_STREAM_PREMATURE_CLOSE)/.test(code)) return true
  return (
    error instanceof TypeError && (/^(terminated|fetch failed)$/.test(error.message) || isConnectionCut(error.cause))
  )
}
