import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"
import { git } from "../sandbox/world.ts"

export const account = { username: "x-access-token", password: "ghs_very-secret-token" }

const encoded = Buffer.from(`${account.username}:${account.password}`).toString("base64")
const isAccount = (authorization: string) => authorization === `Basic ${encoded}`

/** `git http-backend` behind a web server that asks for a password: real smart HTTP. */
export async function serve(
  root: string,
  opens: (authorization: string, request: { path: string; isPush: boolean }) => boolean = isAccount,
) {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const moved = /^\/old(\/.*)$/.exec(request.url ?? "")?.[1]
    if (moved) return response.writeHead(301, { location: moved }).end()
    if (request.url?.startsWith("/page/"))
      return response.writeHead(200, { "content-type": "text/html" }).end("<p>secret</p>")
    const path = request.url ?? "/"
    if (!opens(request.headers.authorization ?? "", { path, isPush: path.includes("git-receive-pack") }))
      return response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end()
    backend(root, request, response)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, requests }
}

/** Lets a bare repository be pushed to over HTTP. */
export function allowPush(path: string) {
  git(path, "config", "http.receivepack", "true")
}

function backend(root: string, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? "/", "http://server")
  const header = (name: string) => String(request.headers[name] ?? "")
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      REMOTE_USER: account.username,
      CONTENT_TYPE: header("content-type"),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      GIT_PROTOCOL: header("git-protocol"),
      ...(request.headers["content-length"] && { CONTENT_LENGTH: request.headers["content-length"] }),
    },
  })
  request.pipe(child.stdin)
  child.stdin.on("error", () => undefined)
  let head = Buffer.alloc(0)
  let begun = false
  child.stdout.on("data", (bytes: Buffer) => {
    if (begun) return void response.write(bytes)
    head = Buffer.concat([head, bytes])
    const end = head.indexOf("\r\n\r\n")
    if (end < 0) return
    begun = true
    const headers = head
      .toString("latin1", 0, end)
      .split("\r\n")
      .map((line) => line.split(": ", 2) as [string, string])
    const status = headers.find(([name]) => name === "Status")?.[1]
    response.writeHead(
      Number.parseInt(status ?? "200"),
      Object.fromEntries(headers.filter(([name]) => name !== "Status")),
    )
    response.write(head.subarray(end + 4))
  })
  child.on("close", () => response.end())
}
