export * as Egress from "./index.ts"
import type { Job } from "../sandbox/sandbox.ts"
import * as Kernel from "./kernel.ts"
import type { Refusal } from "./ledger.ts"
import * as Proxy from "./proxy.ts"
import { internet, type Way } from "./reach.ts"
import * as Register from "./register.ts"

export type { Refusal } from "./ledger.ts"
export type { Way } from "./reach.ts"

/** The way out for a session's commands, where they are kept to a list of hosts. */
export interface Info {
  /** The proxy's port on this process's loopback. */
  readonly port: number
  /** A command is about to run. */
  begin(command: Register.Command): Ticket
  /** What may be reached from now on; nothing before the first time. */
  allow(hosts: readonly string[]): void
  /** Hands over what was refused so far, and what is from now on. */
  listen(onRefusal: (refusal: Refusal) => void): void
  /** Reads from a socket what the kernel refused, and finds out by the session's jobs whose it was. */
  watch(socket: string, jobs: () => Promise<Job[]>): void
  close(): Promise<void>
}

export interface Ticket {
  /** For the command's environment: the proxy, with the credential that tells it from others. */
  readonly proxy: string
  become(jobID: string): void
  end(): void
}

const mostWaiting = 1_000

/** `way` is for tests; by default it is the internet. */
export async function open(way: Way = internet): Promise<Info> {
  const register = Register.create()
  let allowed: readonly string[] = []
  let waiting: Refusal[] = []
  let tell = (refusal: Refusal) => {
    if (waiting.length < mostWaiting) waiting.push(refusal)
  }
  let deaf = () => undefined as void

  const proxy = await Proxy.open({
    identify: register.identify,
    allowed: () => allowed,
    refused: ({ command, ...rest }) => tell({ ...rest, commands: [command] }),
    way,
  })

  return {
    port: proxy.port,
    begin(command) {
      const { user, ...ticket } = register.begin(command)
      return { ...ticket, proxy: `http://${user}@127.0.0.1:${proxy.port}` }
    },
    allow(hosts) {
      allowed = hosts
    },
    listen(onRefusal) {
      tell = onRefusal
      const before = waiting
      waiting = []
      before.forEach(onRefusal)
    },
    watch(socket, jobs) {
      async function attribute({ host, port, ...time }: Kernel.Attempt) {
        // A sandbox that has just ended knows of no jobs, and nothing of them runs.
        if (register.hasJobs()) register.see(await jobs().catch(() => []))
        tell({ host, port, why: "direct", commands: register.running(time) })
      }
      deaf = Kernel.follow(socket, (attempt) => void attribute(attempt))
    },
    async close() {
      deaf()
      await proxy.close()
    },
  }
}
