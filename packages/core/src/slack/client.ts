import {
  type Logger as SlackLogger,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
  type WebClientOptions,
} from "@slack/web-api"
import { Resource } from "sst"
import type { Failure } from "../deliver/index.ts"
import { Logger } from "../logger.ts"

/** Slack's Web API. Whoever calls decides what a failure means, so nothing is tried again in here. */

/** The SDK's own words, without what it was about to send. */
const say = (message: string) => void Logger.warn("Slack's client", { said: message.slice(0, 200) })

export const logger: SlackLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (...words: unknown[]) => say(words.map(String).join(" ")),
  error: (...words: unknown[]) => say(words.map(String).join(" ")),
  setLevel: () => undefined,
  getLevel: () => LogLevel.WARN,
  setName: () => undefined,
}

export const options = (): WebClientOptions => ({
  ...(Resource.SlackSettings.apiURL && { slackApiUrl: Resource.SlackSettings.apiURL }),
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  timeout: 20_000,
  logger,
})

let made: WebClient | undefined

export const client = () => (made ??= new WebClient(Resource.SlackBotToken.value, options()))

/** Slack's word for what is wrong with a call; undefined for any other error. */
export const codeOf = (error: unknown) => (error instanceof WebAPIPlatformError ? error.data.error : undefined)

const passing = new Set([
  ...["internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"],
  ...["ratelimited", "rate_limited", "accesslimited", "message_limit_exceeded", "posting_to_general_channel_denied"],
])

/** The channel, the app or its rights are gone. */
const closed = new Set([
  ...["channel_not_found", "not_in_channel", "is_archived", "no_permission", "restricted_action", "missing_scope"],
  ...["restricted_action_read_only_channel", "restricted_action_thread_only_channel", "access_denied"],
  ...["not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"],
  ...["org_login_required", "ekm_access_denied", "team_access_not_granted", "restricted_action_thread_locked"],
])

/** What an error of the client means for a delivery. */
export function explain(error: unknown): Failure | undefined {
  if (error instanceof WebAPIRateLimitedError)
    return { ...late("ratelimited"), afterMs: Math.max(error.retryAfter, 1) * 1_000 }
  if (error instanceof WebAPIRequestError) return late("unreachable")
  if (error instanceof WebAPIHTTPError) return late(`http_${error.statusCode}`)
  const code = codeOf(error)
  if (code === undefined) return
  if (passing.has(code)) return late(code)
  if (closed.has(code)) return { type: "closed", code, message: `Slack takes nothing for this thread: ${code}` }
  return { type: "unacceptable", code, message: `Slack did not take a message: ${code}` }
}

function late(code: string) {
  return { type: "passing" as const, code, message: `Slack could not be reached for a long time: ${code}` }
}
