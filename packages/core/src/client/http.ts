import * as v from "valibot"
import { type Kind, VisibleError } from "../error.ts"
import { decide, type Outcome, type Policy, retryAfterMs } from "./retry.ts"

export interface Target {
  /** Where the API is, with or without `/api/v1`. */
  url: string
  /** An API key or a session token; empty for what needs neither. */
  secret: string
  fetch?: typeof fetch | undefined
  policy: Policy
}

export interface Call {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  path: string
  query?: Record<string, string | number | undefined> | undefined
  body?: unknown
  headers?: Record<string, string> | undefined
  signal?: AbortSignal | undefined
  /** It answers for long: no time limit. */
  endless?: boolean
}

/** An answer of the API that is not success, or none. */
export class ApiError extends VisibleError {
  /** Undefined where there was no answer. */
  readonly status: number | undefined

  constructor(status: number | undefined, code: string, message: string, options?: ErrorOptions) {
    super(kindOf(status), code, message, options)
    this.status = status
  }
}

const kinds: Record<number, Kind> = {
  400: "input",
  401: "unauthorized",
  403: "forbidden",
  404: "missing",
  405: "input",
  409: "conflict",
  413: "large",
}
/** What is left is not the sender's to mend, and may work later. */
const kindOf = (status: number | undefined): Kind => kinds[status ?? 0] ?? "limit"

const timeoutMs = 30_000

/** Sends a request until it is answered or further attempts make no sense. Throws `ApiError`. */
export async function send(target: Target, call: Call): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const { outcome, response, error } = await once(target, call)
    if (response?.ok) return response
    const next = decide(outcome, attempt, target.policy, Math.random())
    if (next.type === "give-up") throw error
    await pause(next.afterMs, call.signal)
  }
}

interface Attempt {
  outcome: Outcome
  response?: Response
  error?: ApiError
}

async function once(target: Target, call: Call): Promise<Attempt> {
  const request = build(target, call)
  const ask = target.fetch ?? fetch
  const answered = await ask(request.url, request.init).then(
    (response) => ({ response }),
    (cause: unknown) => ({ cause }),
  )
  call.signal?.throwIfAborted()
  if ("cause" in answered) {
    const { origin } = new URL(request.url)
    const error = new ApiError(undefined, "api.unreachable", `The API at ${origin} does not answer`, answered)
    return { outcome: { type: "unreachable" }, error }
  }
  const { response } = answered
  if (response.ok) return { outcome: { type: "answer", status: response.status }, response }
  const error = await problem(response)
  const wait = retryAfterMs(response.headers.get("retry-after"), Date.now())
  return {
    outcome: { type: "answer", status: response.status, code: error.code, retryAfterMs: wait },
    response,
    error,
  }
}

function build({ url, secret }: Target, { method, path, query = {}, body, headers, signal, endless }: Call) {
  const base = url.replace(/\/+$/, "").replace(/\/api\/v1$/, "")
  const address = new URL(`${base}/api/v1${path}`)
  for (const [key, value] of Object.entries(query))
    if (value !== undefined) address.searchParams.set(key, String(value))
  const limits = [...(endless ? [] : [AbortSignal.timeout(timeoutMs)]), ...(signal ? [signal] : [])]
  const init: RequestInit = {
    method,
    headers: {
      ...(secret && { authorization: `Bearer ${secret}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    // Followed, a redirect would carry the secret elsewhere.
    redirect: "manual",
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(limits.length > 0 && { signal: AbortSignal.any(limits) }),
  }
  return { url: address.href, init }
}

const Problem = v.object({ code: v.string(), message: v.string(), requestID: v.optional(v.string()) })

async function problem(response: Response) {
  const text = await response.text().catch(() => "")
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Problem), text)
  if (!parsed.success) return new ApiError(response.status, "api.status", `The API answered ${response.status}`)
  const { code, message, requestID } = parsed.output
  return new ApiError(response.status, code, requestID ? `${message} (request ${requestID})` : message)
}

/**
 * The answer as `schema` says. Fields that this version doesn't know are kept, so that a newer API can
 * serve an older client.
 */
export async function read<Schema extends v.GenericSchema>(response: Response, schema: Schema) {
  const json: unknown = await response.json()
  const parsed = v.safeParse(schema, json)
  if (parsed.success) return parsed.output
  const wrong = parsed.issues.find((issue) => issue.type !== "strict_object" || issue.expected !== "never")
  if (!wrong) return json as v.InferOutput<Schema>
  throw new ApiError(
    undefined,
    "api.answer",
    `The API answered something else: ${v.getDotPath(wrong)} is not as expected`,
  )
}

/** Waits, or throws the reason when `signal` aborts. */
export function pause(ms: number, signal?: AbortSignal) {
  return new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop)
      resolve()
    }, ms)
    signal?.addEventListener("abort", stop, { once: true })
  })
}
