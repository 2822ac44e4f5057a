import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"
import { git } from "../sandbox/world.ts"
import { account, backend } from "./backend.ts"

export { account } from "./backend.ts"

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
