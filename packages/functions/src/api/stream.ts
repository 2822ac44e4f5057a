import { setTimeout as delay } from "node:timers/promises"
import { Log } from "@remote-swe/core/log"
import { Logger } from "@remote-swe/core/logger"
import { Session } from "@remote-swe/core/session"
import type { Context } from "hono"
import type { LambdaContext } from "hono/aws-lambda"
import { type SSEStreamingApi, streamSSE } from "hono/streaming"
import type { Env } from "./common.ts"

const page = 100
const beatMs = 15_000
/** A stream ends after so long; clients resume, and are asked for their key again. */
const longestMs = 15 * 60_000
/** Left to end the answer before Lambda ends us. */
const marginMs = 5_000

/**
 * The log as server-sent events, from `after` on. It asks the table, so it needs no broker and misses
 * nothing: often while something happens, seldom when nothing does.
 */
export function stream(c: Context<Env>, sessionID: string, after: number) {
  const { requestID } = c.var
  const until = Date.now() + Math.min(longestMs, remaining(c))
  c.header("x-accel-buffering", "no")
  return streamSSE(c, async (out) => {
    const stopped = new AbortController()
    out.onAbort(() => stopped.abort())
    const signal = AbortSignal.any([stopped.signal, c.req.raw.signal])
    try {
      await follow({ out, sessionID, after, until, signal })
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Session.NotFoundError) return out.writeSSE({ event: "deleted", data: "{}" })
      Logger.error("a stream failed", { requestID, sessionID, error })
    }
  })
}

interface Follow {
  out: SSEStreamingApi
  sessionID: string
  after: number
  until: number
  signal: AbortSignal
}

async function follow({ out, sessionID, after, until, signal }: Follow) {
  await out.write("retry: 1000\n\n")
  let head = after
  let newsAt = Date.now()
  let beatAt = Date.now()
  while (!signal.aborted && Date.now() < until) {
    const events = await Log.list({ sessionID, after: head, limit: page })
    for (const event of events) await out.writeSSE({ id: String(event.seq), data: JSON.stringify(event) })
    head = events.at(-1)?.seq ?? head
    if (events.length > 0) newsAt = Date.now()
    if (Date.now() - beatAt >= beatMs) {
      // Throws when the session was deleted.
      await Session.fromID(sessionID)
      await out.write(": beat\n\n")
      beatAt = Date.now()
    }
    if (events.length < page) await delay(pause(Date.now() - newsAt), undefined, { signal })
  }
}

/** A quarter of a second while events come, up to two when none do. */
const pause = (quietMs: number) => Math.min(2_000, Math.max(250, quietMs / 10))

/** Hono names Lambda's context otherwise where answers stream than where they do not. */
function remaining(c: Context<Env>) {
  const { context, lambdaContext }: { context?: LambdaContext; lambdaContext?: LambdaContext } = c.env ?? {}
  const left = (context ?? lambdaContext)?.getRemainingTimeInMillis?.()
  return left === undefined ? longestMs : Math.max(0, left - marginMs)
}
