import { createServer } from "node:http"
import { json } from "node:stream/consumers"
import { close, listen } from "../../src/net.ts"

/** EventBridge Scheduler, as far as schedules are kept in it. It rings when it is told to. */

interface Schedule {
  ScheduleExpression: string
  Target: { Arn: string; RoleArn: string; Input: string }
}

export async function serve(ring: (input: unknown) => Promise<unknown>) {
  const schedules = new Map<string, Schedule>()
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://scheduler")
    const [, name = ""] = /^\/schedules\/([\w.-]+)$/.exec(pathname) ?? []
    const isThere = schedules.has(name)
    const refuse = (status: number, kind: string) =>
      response.writeHead(status, { "x-amzn-errortype": kind }).end(JSON.stringify({ Message: kind }))
    if (request.method === "POST" && isThere) return refuse(409, "ConflictException")
    if (request.method !== "POST" && !isThere) return refuse(404, "ResourceNotFoundException")
    if (request.method === "DELETE") schedules.delete(name)
    else schedules.set(name, (await json(request)) as Schedule)
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ ScheduleArn: name }))
  })
  const port = await listen(server, { host: "127.0.0.1", port: 0 })
  return {
    url: `http://127.0.0.1:${port}`,
    schedules,
    /** It is time: the target is called as the schedule says. */
    async ring(name: string, at: Date) {
      const { Input } = schedules.get(name)?.Target ?? {}
      if (!Input) throw new Error(`There is no schedule ${name}`)
      await ring(JSON.parse(Input.replace("<aws.scheduler.scheduled-time>", at.toISOString().replace(/\.\d+Z$/, "Z"))))
    },
    close: () => close(server),
  }
}
