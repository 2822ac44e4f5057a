import type { Client } from "@remote-swe/core/client"
import { Config } from "../config.ts"
import { Demo } from "../demo/index.ts"
import { reach } from "../reach.ts"
import { onEnd } from "../signal.ts"
import { follow } from "./follow.ts"
import { lines, summary } from "./view.ts"

interface Options {
  config: Config.Info
  task: string
  /** As the person wrote it. */
  repository: string | undefined
  model: string | undefined
  /** Another system than the one of this folder. */
  url: string | undefined
}

/** What a shell is told. */
export const exit = { done: 0, failed: 1, interrupted: 130 } as const

/** How long a session may take to obey a stop. */
const stopMs = 5_000

const say = (text: string) => void process.stdout.write(`${text}\n`)

/** Runs one session to its end, in the system that is running or in one of its own. */
export async function command({ config, task, repository, model, url }: Options): Promise<number> {
  const named = repository === undefined ? undefined : Config.repository(repository, config.cwd)
  const interrupted = new AbortController()
  void onEnd().then(() => interrupted.abort())
  const { api, ...system } = await reach(config, url)
  try {
    const { provider } = await api.models()
    if (provider === "demo") say("Demo model: it plays one recorded task. For a real one, set ANTHROPIC_API_KEY")
    const isHere = url === undefined
    const place = named ?? (provider === "demo" && isHere ? Demo.suggestion(config.home).repository : undefined)
    const session = await api.create({
      message: task,
      source: "cli",
      ...(place && { repository: place }),
      ...(model && { model }),
    })
    const code = await see(api, session.id, interrupted.signal)
    for (const line of summary(await api.get(session.id), system.url)) say(line)
    return code
  } finally {
    await system.stop()
  }
}

async function see(api: Client.Rest, sessionID: string, signal: AbortSignal) {
  const outcome = await follow({ api, sessionID, signal, show: (events) => events.flatMap(lines).forEach(say) })
  if (outcome === "done") return exit.done
  if (outcome !== undefined) return exit.failed
  say("Stopping the session …")
  const { status } = await api.stop(sessionID)
  if (status === "working") await follow({ api, sessionID, signal: AbortSignal.timeout(stopMs), show: () => undefined })
  return exit.interrupted
}
