import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"
import { PassThrough } from "node:stream"
import { json } from "node:stream/consumers"
import { finished } from "node:stream/promises"
import { pathToFileURL } from "node:url"

/**
 * One instance of a function, as Lambda's runtime holds it: the handler in the working directory, events
 * one at a time. Events come over loopback; an answer in a stream has its head in a header.
 */

type Handler = (...given: unknown[]) => Promise<unknown>

const heads = new WeakMap<object, (head: unknown) => void>()
const streaming = new WeakSet<Handler>()
Object.assign(globalThis, {
  awslambda: {
    streamifyResponse(handler: Handler) {
      streaming.add(handler)
      return handler
    },
    HttpResponseStream: {
      from(stream: object, head: unknown) {
        heads.get(stream)?.(head)
        return stream
      },
    },
  },
})

const clock = { now: Date.now, aheadMs: 0 }
Date.now = () => clock.now() + clock.aheadMs

const begun = performance.now()
const before = process.cpuUsage()
const [file = "", name = ""] = (process.env["_HANDLER"] ?? "").split(".")
const module: Record<string, Handler> = await import(pathToFileURL(path.resolve(`${file}.mjs`)).href)
const handler = module[name]
if (!handler) throw new Error(`There is no ${name} in ${file}`)
const initMs = performance.now() - begun
const { user, system } = process.cpuUsage(before)
const cpuMs = (user + system) / 1000
const seconds = Number(process.env["LIMIT_SECONDS"])

const server = createServer(async (request, response) => {
  const { event, context, aheadMs } = (await json(request)) as { event: unknown; context: object; aheadMs: number }
  clock.aheadMs = aheadMs
  const end = Date.now() + seconds * 1000
  const given = { ...context, getRemainingTimeInMillis: () => end - Date.now() }
  try {
    if (!streaming.has(handler)) return response.end(JSON.stringify((await handler(event, given)) ?? null))
    const out = new PassThrough()
    heads.set(out, (head) => void response.setHeader("x-head", encodeURIComponent(JSON.stringify(head))))
    out.pipe(response)
    await handler(event, out, given)
    await finished(out)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    if (response.headersSent) return response.destroy()
    response.writeHead(502).end()
  }
})
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port, initMs, cpuMs }))
process.on("disconnect", () => process.exit())
