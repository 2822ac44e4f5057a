/**
 * `daemon.ts <socket>`: the worker's way out for commands, as the daemon's user, which hears of refusals at that
 * socket. Each line of standard input is answered with one; what was refused comes in between.
 */
import { createInterface } from "node:readline"
import { Egress } from "../../packages/worker/src/egress/index.ts"
import { user } from "./world.ts"

export type Asked = { begin: string } | { end: string } | { allow: string[] }
export type Said =
  { done: string | null } | { refused: { host: string; port?: number | undefined; why: string; scripts: string[] } }

const [socket = ""] = process.argv.slice(2)
const egress = await Egress.open()
process.setgroups?.([])
process.setgid?.(user.daemon)
process.setuid?.(user.daemon)

const say = (said: Said) => process.stdout.write(`${JSON.stringify(said)}\n`)
const tickets = new Map<string, Egress.Ticket>()
egress.listen(({ commands, ...rest }) => say({ refused: { ...rest, scripts: commands.map(({ script }) => script) } }))
egress.watch(socket, async () => [])

function answer(asked: Asked) {
  if ("allow" in asked) return void egress.allow(asked.allow)
  if ("end" in asked) return tickets.get(asked.end)?.end()
  const ticket = egress.begin({ script: asked.begin })
  tickets.set(asked.begin, ticket)
  return ticket.proxy
}

for await (const line of createInterface(process.stdin)) say({ done: answer(JSON.parse(line) as Asked) ?? null })
process.exit()
