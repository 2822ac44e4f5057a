export * as Gateway from "./gateway.ts"
import { VisibleError } from "@remote-swe/core/error"
import { Logger } from "@remote-swe/core/logger"
import { randomBytes, timingSafeEqual } from "node:crypto"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { realpath } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { dirname, join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGunzip } from "node:zlib"
import { marker } from "../sandbox/protocol.ts"
import { Packet } from "./packet.ts"
import { Push } from "./push.ts"
import type { Remote } from "./remote.ts"
import { type Credential, type Service, Upstream } from "./upstream.ts"

/**
 * Where the git of commands fetches from and pushes to: smart HTTP on loopback, in this process. It
 * adds the credentials on the way to the real server, so that commands never have one; it knows the
 * session's repositories and no others; and it lets a push change nothing but the session's branch.
 *
 * Its address holds a secret of its own, so that web pages and other users of this machine cannot
 * use it. Commands know that secret: it is worth what the session may do anyway, and no more.
 */
export interface Info {
  readonly port: number
  /** The only branch that can be pushed to. */
  readonly branch: string
  credential(url: string): Promise<Credential>
  /** Makes a repository reachable under `name`; gives the address for git. */
  serve(name: string, remote: Remote.Info): Promise<string>
  close(): Promise<void>
}

export interface Options {
  branch: string
  credential(url: string): Promise<Credential>
  /** Folders that sessions write to. Git would run what a repository in them says, outside the sandbox. */
  forbidden: readonly string[]
  /** See `Upstream.Call`. */
  lagMs?: readonly number[]
}

interface Repository {
  remote: Remote.Info
  /** Where the server really is, after redirects. */
  base: string
  /** What it has answered to as a git server, and so may be posted to. */
  services: Set<Service>
}

/** Bytes of the list of refs that a push begins with. */
const commandLimit = 1024 * 1024

export async function open(options: Options): Promise<Info> {
  const secret = randomBytes(24).toString("base64url")
  const repositories = new Map<string, Repository>()

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!(error instanceof VisibleError) && !response.destroyed)
        Logger.error("git gateway failed", { error, method: request.method })
      const text = error instanceof VisibleError ? error.message : "The git gateway failed"
      refuse(request, response, error instanceof VisibleError && error.kind === "missing" ? 404 : 403, text)
    })
  })
  // Pushes and clones of large repositories take as long as they take.
  server.requestTimeout = 0
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? "/", "http://gateway")
    const [, key = "", file = "", ...rest] = url.pathname.split("/")
    if (!same(key, secret)) return refuse(request, response, 404, "Not found")
    const name = decodeURIComponent(file).replace(/\.git$/, "")
    const repository = repositories.get(name)
    if (!repository) {
      const known = [...repositories.keys()].join(", ") || "none yet"
      throw new VisibleError(
        "missing",
        "git.unknown",
        `This session has no repository ${name} (it has: ${known}). Use clone_repository to add one.`,
      )
    }
    const action = rest.join("/")
    const abort = new AbortController()
    response.on("close", () => abort.abort())
    const context = { request, response, repository, signal: abort.signal }
    if (request.method === "GET" && action === "info/refs")
      return advertise({ ...context, service: toService(url.searchParams.get("service") ?? "") })
    if (request.method === "POST") return call({ ...context, service: toService(action) })
    throw new VisibleError("input", "git.request", "The session's gateway speaks git's smart HTTP only")
  }

  async function upstream(repository: Repository, step: Upstream.Call) {
    if (repository.remote.type === "http")
      return Upstream.http(repository.base, options.credential, { ...step, lagMs: options.lagMs })
    return Upstream.local(await permitted(repository.remote.path, options.forbidden), step)
  }

  async function advertise({ request, response, repository, service, signal }: Context) {
    const protocol = header(request, "git-protocol")
    const answer = await upstream(repository, { type: "advertise", service, protocol, signal })
    repository.base = answer.base ?? repository.base
    repository.services.add(service)
    const intro = repository.remote.type === "local" ? [Packet.encode(`# service=${service}\n`), Packet.flush] : []
    await reply(response, `application/x-${service}-advertisement`, answer, Buffer.concat(intro))
  }

  async function call({ request, response, repository, service, signal }: Context) {
    if (!repository.services.has(service))
      throw new VisibleError("input", "git.request", "Ask for info/refs before calling a service")
    const body = header(request, "content-encoding") === "gzip" ? request.pipe(createGunzip()) : request
    if (body !== request) request.on("error", (error) => body.destroy(error))
    const allowed = service === "git-receive-pack" ? await police(body, options.branch) : { body }
    if ("answer" in allowed) {
      response.writeHead(200, { "content-type": `application/x-${service}-result`, "cache-control": "no-cache" })
      return response.end(allowed.answer)
    }
    const protocol = header(request, "git-protocol")
    const answer = await upstream(repository, { type: "rpc", service, protocol, body: allowed.body, signal })
    await reply(response, `application/x-${service}-result`, answer)
  }

  return {
    port,
    branch: options.branch,
    credential: options.credential,
    async serve(name, remote) {
      if (remote.type === "local") await permitted(remote.path, options.forbidden)
      const base = remote.type === "http" ? remote.url : ""
      repositories.set(name, { remote, base, services: new Set() })
      return `http://127.0.0.1:${port}/${secret}/${encodeURIComponent(name)}.git`
    },
    async close() {
      const closed = once(server, "close")
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

interface Context {
  request: IncomingMessage
  response: ServerResponse
  repository: Repository
  service: Service
  signal: AbortSignal
}

/** Looks at what a push asks for before anything of it goes on. The pack itself is never in memory. */
async function police(body: Readable, branch: string): Promise<{ body: Readable } | { answer: Buffer }> {
  const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const rest = { [Symbol.asyncIterator]: () => iterator }
  let head = Buffer.alloc(0)
  let section: ReturnType<typeof Packet.section>
  while (!section) {
    const { value, done } = await iterator.next()
    if (done) throw new VisibleError("input", "git.push", "The push ended before it said what it wants")
    head = Buffer.concat([head, value])
    section = readable(() => Packet.section(head))
    if (head.length > commandLimit && !section)
      throw new VisibleError("limit", "git.push", "The push names too many refs")
  }
  const packets = section.packets
  const push = readable(() => Push.parse(packets))
  const reason = Push.refusal(push.commands, branch)
  if (!reason) return { body: Readable.from(after(head, rest), { objectMode: false }) }
  // Git wants to have sent everything before it reads an answer.
  for await (const _ of rest) continue
  return { answer: Push.report(push, reason) }
}

function readable<T>(read: () => T) {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Packet.MalformedError)) throw error
    throw new VisibleError("input", "git.push", `The push cannot be read: ${error.message}`, { cause: error })
  }
}

async function* after(head: Buffer, rest: AsyncIterable<Buffer>) {
  yield head
  yield* rest
}

async function reply(response: ServerResponse, type: string, answer: Upstream.Answer, intro?: Buffer) {
  const iterator = answer.body[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const first = await iterator.next()
  // Nothing at all was said: then the reason is an error, and not an empty answer.
  if (first.done) await answer.done
  response.writeHead(200, { "content-type": type, "cache-control": "no-cache" })
  if (intro && intro.length > 0) response.write(intro)
  if (first.done) return response.end()
  const rest = { [Symbol.asyncIterator]: () => iterator }
  await pipeline(Readable.from(after(first.value, rest), { objectMode: false }), response)
}

/** Git shows plain text as `remote: …`, but only after it has sent what it had. */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, text: string) {
  if (response.headersSent) return response.destroy()
  request.resume()
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" })
  response.end(`${text}\n`)
}

function toService(text: string): Service {
  if (text === "git-upload-pack" || text === "git-receive-pack") return text
  throw new VisibleError("input", "git.request", "The session's gateway speaks git's smart HTTP only")
}

/** The real path of a repository that no session can write to, neither this one nor another. */
async function permitted(path: string, forbidden: readonly string[]) {
  const target = await realpath(path).catch((error: Error) => {
    throw new VisibleError("missing", "git.missing", `There is no repository at ${path}`, { cause: error })
  })
  const folders = await Promise.all(forbidden.map((folder) => realpath(folder).catch(() => folder)))
  const around = [...ancestors(target)]
  if (!around.some((folder) => folders.includes(folder) || existsSync(join(folder, marker)))) return target
  throw new VisibleError("forbidden", "git.forbidden", `A session's own files cannot be cloned from: ${path}`)
}

function* ancestors(path: string): Generator<string> {
  yield path
  if (dirname(path) !== path) yield* ancestors(dirname(path))
}

const header = (request: IncomingMessage, name: string) => {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function same(a: string, b: string) {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
