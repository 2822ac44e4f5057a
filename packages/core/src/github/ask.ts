import { decide } from "../client/retry.ts"
import { pause } from "../client/http.ts"
import { VisibleError } from "../error.ts"
import { problem } from "./schema.ts"

/** GitHub's REST API, as far as an app needs it. */

export interface Call {
  method: "GET" | "POST"
  path: string
  token: string
  body?: object
}

export interface Answer {
  status: number
  /** Undefined where it is no JSON. */
  json: unknown
  /** When GitHub says that it is. */
  date: number | undefined
}

/** Whoever waits for a credential has 30 seconds, and asks again after that. */
const policy = { attempts: 2, pauseMs: 1_000 }
const timeoutMs = 5_000

/** GitHub's answer, whatever it is; throws where there is none, or none worth its name. */
export async function ask(apiURL: string, call: Call): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const answered = await once(apiURL, call)
    const response = "response" in answered ? answered.response : undefined
    const outcome = response
      ? ({ type: "answer", status: response.status } as const)
      : ({ type: "unreachable" } as const)
    const next = decide(outcome, attempt, policy, Math.random())
    if (next.type === "again") {
      await response?.body?.cancel()
      await pause(next.afterMs)
      continue
    }
    if (response && response.status < 500) return read(response)
    await response?.body?.cancel()
    const why = response ? `HTTP ${response.status}` : "no answer"
    const message = `GitHub at ${new URL(apiURL).host} cannot be reached (${why})`
    throw new VisibleError("limit", problem.unreachable, message, "cause" in answered ? answered : {})
  }
}

async function once(apiURL: string, { method, path, token, body }: Call) {
  return fetch(`${apiURL.replace(/\/+$/, "")}${path}`, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    // A repository that was renamed leads to where it is now, which is not what a person has named.
    redirect: "manual",
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "user-agent": "remote-swe",
      "x-github-api-version": "2022-11-28",
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }).then(
    (response) => ({ response }),
    (cause: unknown) => ({ cause }),
  )
}

async function read(response: Response): Promise<Answer> {
  const date = Date.parse(response.headers.get("date") ?? "")
  const json: unknown = await response.json().catch(() => undefined)
  return { status: response.status, json, date: Number.isNaN(date) ? undefined : date }
}
