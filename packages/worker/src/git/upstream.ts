export * as Upstream from "./upstream.ts"
import { VisibleError } from "@remote-swe/core/error"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { realpath } from "node:fs/promises"
import { type IncomingMessage, request as plain } from "node:http"
import { request as secure } from "node:https"
import type { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { setTimeout as pause } from "node:timers/promises"
import type { Credential as Given } from "@remote-swe/core/protocol/schema"

/** The real server behind the gateway, or git itself for a repository on this machine. */

export type Service = "git-upload-pack" | "git-receive-pack"

export interface Credential extends Given {
  /** Why there is none for what is not public. */
  refusal?: string | undefined
}

export interface Call {
  /** `advertise`: GET info/refs. `rpc`: POST of the body. */
  type: "advertise" | "rpc"
  service: Service
  /** The client's `Git-Protocol` header. */
  protocol: string | undefined
  body?: Readable
  signal: AbortSignal
  /** Pauses before a new token is shown again to a server that doesn't know it yet. */
  lagMs?: readonly number[] | undefined
}

export interface Answer {
  body: Readable
  /** The address that answered, where the server sent us elsewhere. */
  base?: string
  /** Resolves when the answer was complete; rejects with words where it could not be. */
  done: Promise<void>
}

const redirects = 5
/** GitHub's servers hear of a new token one after the other, mostly at once, sometimes after seconds. */
const lag = [1_000, 3_000, 9_000]
/** A server that sends nothing for so long is gone. */
const idleMs = 5 * 60_000

export async function http(
  base: string,
  credential: (url: string) => Promise<Credential>,
  call: Call,
): Promise<Answer> {
  let current = base
  for (let count = 0; count <= redirects; count++) {
    const given = await credential(current)
    const response = await known(current, given, call)
    const moved = call.type === "advertise" && location(response, current, call.service)
    if (!moved) return check(response, current, call, given.refusal)
    response.resume()
    current = moved
  }
  throw failure(`${host(base)} redirects too often`)
}

/** A token that was made for this very repository opens it: a server that says no has not heard of it. */
async function known(base: string, credential: Credential, call: Call) {
  const pauses = call.type === "advertise" && credential.expiresAt !== undefined ? (call.lagMs ?? lag) : []
  for (const ms of pauses) {
    const response = await send(base, credential, call)
    if (response.statusCode !== 401 && response.statusCode !== 404) return response
    response.resume()
    await pause(ms, undefined, { signal: call.signal })
  }
  return send(base, credential, call)
}

async function send(base: string, credential: Credential, call: Call) {
  const path = call.type === "advertise" ? `/info/refs?service=${call.service}` : `/${call.service}`
  const url = new URL(`${base}${path}`)
  const { username = "", password = "" } = credential
  const start = url.protocol === "https:" ? secure : plain
  const request = start(url, {
    method: call.type === "advertise" ? "GET" : "POST",
    signal: call.signal,
    timeout: idleMs,
    headers: {
      accept: call.type === "advertise" ? "*/*" : `application/x-${call.service}-result`,
      // Some servers choose their answer by it.
      "user-agent": "git/2.39.0 remote-swe",
      ...(call.protocol && { "git-protocol": call.protocol }),
      ...(call.body && { "content-type": `application/x-${call.service}-request` }),
      ...((username || password) && {
        authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`,
      }),
    },
  })
  request.on("timeout", () => request.destroy(new Error("The server does not answer")))
  const answered = once(request, "response") as Promise<[IncomingMessage]>
  // A server may refuse before it has read everything; its answer says more than the broken pipe.
  const sent = call.body ? pipeline(call.body, request).catch(() => undefined) : request.end()
  const [response] = await answered.catch((error: NodeJS.ErrnoException) => {
    throw failure(`${host(base)} cannot be reached (${error.code ?? "no answer"})`, error)
  })
  void sent
  return response
}

/** Where an advertisement was moved to; never from https to anything else. */
function location(response: IncomingMessage, base: string, service: Service) {
  const status = response.statusCode ?? 0
  const target = response.headers.location
  if (![301, 302, 303, 307, 308].includes(status) || !target) return undefined
  const url = URL.parse(target, `${base}/info/refs`)
  const suffix = "/info/refs"
  if (!url || !url.pathname.endsWith(suffix)) throw failure(`${host(base)} redirects ${service} to something else`)
  if (url.protocol !== "https:" && !(url.protocol === "http:" && base.startsWith("http:")))
    throw failure(`${host(base)} redirects to an address without encryption`)
  return `${url.origin}${url.pathname.slice(0, -suffix.length)}`
}

/** Only what a git server says is passed on: this process reaches places that commands must not. */
function check(response: IncomingMessage, base: string, call: Call, refusal: string | undefined): Answer {
  const type = response.headers["content-type"]?.split(";")[0]?.trim()
  const expected = `application/x-${call.service}-${call.type === "advertise" ? "advertisement" : "result"}`
  if (response.statusCode === 200 && type === expected) return { body: response, base, done: Promise.resolve() }
  response.resume()
  const status = response.statusCode ?? 0
  const what = call.service === "git-upload-pack" ? "read" : "push to"
  const advice = refusal ?? "Check the GitHub token or the app's access."
  if (status === 401 || status === 403)
    throw new VisibleError(
      "forbidden",
      "git.forbidden",
      `${host(base)} does not let this session ${what} ${base} (HTTP ${status}). ${advice}`,
    )
  if (status === 404)
    throw new VisibleError(
      "missing",
      "git.missing",
      `There is no repository ${base}, or this session may not see it.${refusal ? ` ${refusal}` : ""}`,
    )
  if (status === 200) throw failure(`${base} is not a git repository`)
  throw failure(`${host(base)} answered HTTP ${status}`)
}

/**
 * Serves a repository of this machine. `git` runs outside the sandbox with the repository's own
 * configuration, so it must be one that no session can write to: the gateway sees to that.
 */
export async function local(path: string, call: Call): Promise<Answer> {
  const command = call.service.slice("git-".length)
  const mode = call.type === "advertise" ? ["--stateless-rpc", "--advertise-refs"] : ["--stateless-rpc"]
  const child = spawn("git", [command, ...mode, await realpath(path)], {
    stdio: ["pipe", "pipe", "pipe"],
    signal: call.signal,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      LANG: "C.UTF-8",
      ...(call.protocol && { GIT_PROTOCOL: call.protocol }),
    },
  })
  let said = ""
  child.stderr.on("data", (bytes: Buffer) => {
    said = (said + bytes.toString()).slice(-2_000)
  })
  const input = call.body ? pipeline(call.body, child.stdin).catch(() => undefined) : child.stdin.end()
  const done = once(child, "close").then(([code]) => {
    if (code !== 0) throw failure(said.trim() || `git ${command} ended with ${code}`)
  })
  // Whoever reads the answer waits for `done`; until then a failure is not unhandled.
  done.catch(() => undefined)
  void input
  return { body: child.stdout, done }
}

const host = (base: string) => new URL(base).host

function failure(message: string, cause?: unknown) {
  return new VisibleError("conflict", "git.upstream", message, { cause })
}
