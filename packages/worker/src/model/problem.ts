import Anthropic from "@anthropic-ai/sdk"
import { ModelError, type Problem } from "./model.ts"

/** What an error of the SDK, of its stream or of the network means for us; undefined for a bug. */
export function fromError(error: unknown, now: number): ModelError | undefined {
  if (error instanceof ModelError) return error
  if (error instanceof Anthropic.APIConnectionError) return network(error)
  if (error instanceof Anthropic.APIError) return fromAnswer(error, now)
  if (isConnectionCut(error)) return network(error)
  // The SDK parses each event of the stream: what isn't JSON was cut or garbled on its way.
  if (error instanceof SyntaxError) return new ModelError("network", "The answer came garbled", { cause: error })
}

const network = (cause: unknown) => new ModelError("network", "The connection to the model was lost", { cause })

function fromAnswer(error: InstanceType<typeof Anthropic.APIError>, now: number) {
  const message = error.apiMessage ?? error.message
  const retryAfterMs = retryAfter(error.headers, now)
  return new ModelError(problem(error.status, error.type, message), message.slice(0, 2_000), {
    cause: error,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

/** An error inside a stream has a type and no status. */
function problem(status: number | undefined, type: string | null, message: string): Problem {
  if (status === 413 || type === "request_too_large" || isTooLong(message)) return "too_long"
  if (status === 429 || type === "rate_limit_error") return "rate"
  if (status === 529 || type === "overloaded_error") return "overloaded"
  if (status === 401 || status === 402 || status === 403) return "credentials"
  if (type === "authentication_error" || type === "permission_error" || type === "billing_error") return "credentials"
  if (status === 408 || status === 409 || status === 425) return "server"
  if (type === "invalid_request_error" || type === "not_found_error") return "invalid"
  if (status !== undefined && status < 500) return "invalid"
  return "server"
}

const isTooLong = (message: string) =>
  /prompt is too long|exceeds? (the )?(maximum )?context|context (limit|window|length)/i.test(message)

/** Milliseconds of a Retry-After header, which holds seconds or a date. */
function retryAfter(headers: Headers | undefined, now: number) {
  const exact = Number(headers?.get("retry-after-ms") ?? Number.NaN)
  if (Number.isFinite(exact)) return Math.max(0, exact)
  const text = headers?.get("retry-after")
  if (!text) return
  const seconds = Number(text)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** What Node's fetch throws while a body is read: a TypeError, or an error of its socket with a code. */
function isConnectionCut(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = "code" in error ? String(error.code) : ""
  if (/^(UND_ERR_|ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|ERR_STREAM_PREMATURE_CLOSE)/.test(code)) return true
  return error instanceof TypeError && (error.message === "terminated" || isConnectionCut(error.cause))
}
