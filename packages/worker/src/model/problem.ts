import Anthropic from "@anthropic-ai/sdk"
import { ModelError, type Problem } from "./model.ts"
import { garbled, isConnectionCut, isTooLong, lost, retryAfter } from "./network.ts"

/** What an error of the SDK, of its stream or of the network means for us; undefined for a bug. */
export function fromError(error: unknown, now: number): ModelError | undefined {
  if (error instanceof ModelError) return error
  if (error instanceof Anthropic.APIConnectionError) return lost(error)
  if (error instanceof Anthropic.APIError) return fromAnswer(error, now)
  if (isConnectionCut(error)) return lost(error)
  // The SDK parses each event of the stream: what isn't JSON was cut or garbled on its way.
  if (error instanceof SyntaxError) return garbled(error)
}

function fromAnswer(error: InstanceType<typeof Anthropic.APIError>, now: number) {
  const message = error.apiMessage ?? error.message
  const retryAfterMs = retryAfter((name) => error.headers?.get(name), now)
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
