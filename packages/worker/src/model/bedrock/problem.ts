import { ModelError, type Problem } from "../model.ts"
import { garbled, isConnectionCut, isTooLong, lost, retryAfter } from "../network.ts"

/** What Bedrock, its SDK or the network may throw, by name. What isn't here is told by its status. */
const problems: Readonly<Record<string, Problem>> = {
  ThrottlingException: "rate",
  TooManyRequestsException: "rate",
  ServiceQuotaExceededException: "rate",
  ServiceUnavailableException: "overloaded",
  ModelNotReadyException: "overloaded",
  InternalServerException: "server",
  ModelErrorException: "server",
  ModelStreamErrorException: "server",
  ModelTimeoutException: "server",
  ConflictException: "server",
  ValidationException: "invalid",
  ResourceNotFoundException: "invalid",
  AccessDeniedException: "credentials",
  UnrecognizedClientException: "credentials",
  InvalidSignatureException: "credentials",
  IncompleteSignatureException: "credentials",
  MissingAuthenticationTokenException: "credentials",
  InvalidClientTokenId: "credentials",
  ExpiredTokenException: "credentials",
  ExpiredToken: "credentials",
  CredentialsProviderError: "credentials",
  TokenProviderError: "credentials",
}

/** What somebody can do about it. */
const advice: readonly (readonly [RegExp, string])[] = [
  [/use case details|request form/i, "Anthropic's models are asked for once per account, in the Bedrock console."],
  [/on-demand throughput|inference profile/i, "Name the model by a cross-region profile, such as global.… or us.…"],
  [/model identifier is invalid|end of its life|marked by provider as legacy/i, "Bedrock has no such model here."],
  [/^ExpiredToken/, "The AWS credentials have expired: renew them and start again."],
  [/^(CredentialsProvider|TokenProvider)Error/, "There are no AWS credentials to call Bedrock with."],
  [
    /^AccessDenied/,
    "The AWS credentials may not call this model. Allow bedrock:InvokeModelWithResponseStream for its profile " +
      "and for the model behind it, and see in the Bedrock console that the account has access to it.",
  ],
  [
    /^(UnrecognizedClient|InvalidSignature|IncompleteSignature|MissingAuthenticationToken)|^InvalidClientTokenId/,
    "AWS does not know these credentials.",
  ],
  [/^Error: Region is missing/, "AWS_REGION is not set: it says where Bedrock is asked."],
]

/** What an error means for us; undefined for a bug. */
export function fromError(error: unknown, now: number): ModelError | undefined {
  if (error instanceof ModelError) return error
  if (!(error instanceof Error)) return
  if (isConnectionCut(error)) return lost(error)
  const status = statusOf(error)
  const known = problemOf(error, status)
  if (known) return told(known, error, now)
  // The SDK takes the stream apart: what doesn't fit was cut or garbled on its way.
  if (error instanceof SyntaxError || /event message|checksum/i.test(error.message)) return garbled(error)
}

function problemOf(error: Error, status: number | undefined): Problem | undefined {
  if (status === 413 || isTooLong(error.message)) return "too_long"
  if (/use case details|request form/i.test(error.message)) return "credentials"
  // The model failed behind Bedrock, which says how.
  if (error.name.startsWith("Model") && "originalStatusCode" in error) {
    if (error.originalStatusCode === 429) return "rate"
    if (error.originalStatusCode === 529 || error.originalStatusCode === 503) return "overloaded"
  }
  const named = problems[error.name]
  if (named) return named
  if (error.message.startsWith("Region is missing")) return "credentials"
  return status === undefined ? undefined : byStatus(status)
}

function byStatus(status: number): Problem {
  if (status === 429) return "rate"
  if (status === 503 || status === 529) return "overloaded"
  if (status === 401 || status === 402 || status === 403) return "credentials"
  if (status === 408 || status === 409 || status === 424 || status === 425) return "server"
  return status < 500 ? "invalid" : "server"
}

function told(problem: Problem, error: Error, now: number) {
  const whole = `${error.name}: ${error.message}`
  const known = advice.find(([pattern]) => pattern.test(whole) || pattern.test(error.message))?.[1]
  const message = [problem === "too_long" ? undefined : known, error.message || error.name].filter(Boolean).join(" ")
  const retryAfterMs = retryAfter((name) => headersOf(error)[name], now)
  return new ModelError(problem, message.slice(0, 2_000), {
    cause: error,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

/** The SDK keeps what was answered beside what it made of it. */
interface Answered {
  $metadata?: { httpStatusCode?: number }
  $response?: { statusCode?: number; headers?: Record<string, string> }
}

function statusOf(error: Error & Answered) {
  const status = error.$metadata?.httpStatusCode ?? error.$response?.statusCode
  // An error inside the stream comes with the status of the stream, which is no failure.
  return status === undefined || status < 300 ? undefined : status
}

const headersOf = (error: Error & Answered) => error.$response?.headers ?? {}
