import { Logger } from "@remote-swe/core/logger"
import { type Client, connect } from "./client.ts"
import { environment } from "./environment.ts"
import * as Layout from "./layout.ts"
import type { Settings } from "./protocol.ts"
import type { Egress } from "../egress/index.ts"
import { dialled, spawned, type Sockets } from "./wire.ts"

/** What commands run in, and how a host of theirs is started. */
export interface Around {
  kind: "full" | "none"
  warning: string | undefined
  settings: Settings
  /** Starts a host; whoever starts another has seen the last one end. */
  start(): Promise<Client>
  /** The host that showed that this way works. */
  first?: Client
  /** Commands have limits of their own, which their host can see. */
  limited: boolean
  /** Once no host is left. */
  release(): Promise<void>
}

const nothing = async () => undefined

/** A host may be one of thousands of processes that want the processor. */
const defaultPulseMs = 20_000

/** On a machine of its own: commands are another user's, in a unit that is closed. */
export async function machine(dir: string, sockets: Sockets, pulseMs = defaultPulseMs): Promise<Around> {
  const settings = await Layout.ready(dir)
  const start = () => connect(dialled(sockets), settings, pulseMs)
  return { kind: "full", warning: undefined, settings, start, limited: true, release: nothing }
}

export function none(settings: Settings, program: Program, warning?: string): Around {
  const start = () =>
    connect(spawned(marked(settings, program), environment(settings, process.env), settings), settings)
  return { kind: "none", warning, settings, start, limited: false, release: nothing }
}

type Program = readonly [string, ...string[]]

/** What of this process commands reach: the git gateway, and the proxy where they are kept to a list. */
export interface Doors {
  gatewayPort?: number
  egress?: Pick<Egress.Info, "port"> | undefined
}

/** The host in a sandbox, if that can really run: a kernel may refuse what the packages promise. */
export async function sandboxed(settings: Settings, program: Program, doors: Doors): Promise<Around> {
  // Nowhere else is it needed, and a machine's program comes without it.
  const { missing, prepare, refusal } = await import("./full.ts")
  const reason = missing()
  if (reason) return none(settings, program, plain(reason))
  const { gatewayPort: port, egress } = doors
  const inside = {
    ...settings,
    ...(port !== undefined && { forward: port }),
    ...(egress && { forwardProxy: egress.port }),
  }
  const variables = environment(settings, process.env)
  const ways = { ports: [port, egress?.port].filter((door) => door !== undefined), closed: egress !== undefined }
  const full = await prepare(settings, program, ways).catch(asError)
  if (full instanceof Error) return none(settings, program, plain(refusal(full)))
  const { command, release } = full
  const start = () => connect(spawned(command, variables, inside), inside)
  const first = await start().catch(asError)
  if (!(first instanceof Error))
    return { kind: "full", warning: undefined, settings: inside, start, first, limited: false, release }
  await release()
  return none(settings, program, plain(refusal(first)))
}

function asError(error: unknown) {
  Logger.warn("the sandbox cannot run", { error })
  return error instanceof Error ? error : new Error(String(error))
}

const plain = (reason: string) =>
  `Commands run without a sandbox: they can read your files and reach services on this machine. ${reason}`

/**
 * Without a sandbox the host gets a mark that its children cannot lose: see `host/process.ts`. The
 * shell lowers its own limit and becomes the host; where it can't, the host starts without.
 */
function marked(settings: Settings, program: readonly [string, ...string[]]): [string, ...string[]] {
  if (process.platform !== "linux" || !settings.shell.endsWith("/bash")) return [...program]
  return [settings.shell, "-c", 'ulimit -q "$0" 2>/dev/null; exec "$@"', String(settings.mark.queue), ...program]
}
