import { spawn } from "node:child_process"
import type { IncomingMessage, ServerResponse } from "node:http"

export const account = { username: "x-access-token", password: "ghs_very-secret-token" }

/** `git http-backend` for the repositories below `root`: real smart HTTP. */
export function backend(root: string, request: IncomingMessage, response: ServerResponse) {
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
