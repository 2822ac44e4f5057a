/** What a machine may ask EC2 about itself, and the logs' service, on loopback. */
import { createServer, type IncomingMessage } from "node:http"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"

const token = "a-token-of-the-metadata-address"

export interface Options {
  /** By path; without a leading slash. */
  pages: Record<string, string | Buffer>
  /** Loopback, at a port that the system chooses, by default. */
  address?: { host: string; port: number }
  /** What the logs' service answers to its n-th call. */
  answer?(call: Call, index: number): number
}

export interface Call {
  target: string
  body: unknown
  authorization: string
}

export async function start({ pages, address = { host: "127.0.0.1", port: 0 }, answer = () => 200 }: Options) {
  const calls: Call[] = []
  const waiting = new Set<(path: string) => void>()
  const server = createServer((request, response) => {
    void respond(request).then(([status, body]) => response.writeHead(status).end(body))
  })

  async function respond(request: IncomingMessage): Promise<[number, string | Buffer]> {
    const path = (request.url ?? "").slice(1)
    if (request.method === "PUT" && path === "latest/api/token") return [200, token]
    if (request.method === "POST") {
      const call = {
        target: String(request.headers["x-amz-target"]),
        authorization: String(request.headers.authorization),
        body: JSON.parse((await buffer(request)).toString()) as unknown,
      }
      calls.push(call)
      return [answer(call, calls.length - 1), "{}"]
    }
    for (const hear of waiting) hear(path)
    const page = pages[path]
    if (page === undefined) return [404, ""]
    const open = !path.startsWith("latest/")
    return open || request.headers["x-aws-ec2-metadata-token"] === token ? [200, page] : [401, ""]
  }

  server.listen(address)
  await once(server, "listening")
  return {
    url: `http://${address.host}:${(server.address() as AddressInfo).port}`,
    pages,
    calls,
    /** Resolves when a page is asked for, from now on. */
    until: (wanted: (path: string) => boolean) =>
      new Promise<void>((resolve) => {
        const hear = (path: string) => {
          if (!wanted(path)) return
          waiting.delete(hear)
          resolve()
        }
        waiting.add(hear)
      }),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}
