import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { type IncomingMessage, request } from "node:http"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("./instance.ts", import.meta.url))

export interface Options {
  /** Where it lies, unpacked. */
  folder: string
  handler: string
  /** All that the process gets: what Lambda would give it. Asked for each instance. */
  environment: () => Record<string, string>
  /** How long an event may take. */
  seconds: number
  /** As many events are worked on at once. */
  instances?: number
  /** How far its clock is ahead. */
  aheadMs?: () => number
}

interface Instance {
  child: ChildProcess
  port: number
  /** What loading its handler took, in time and in work of a processor. */
  initMs: number
  cpuMs: number
}

/** A function of Lambda's: each instance a process, each with one event at a time; more of them when all are busy. */
export function create({ folder, handler, environment, seconds, instances = 8, aheadMs = () => 0 }: Options) {
  const living = new Set<ChildProcess>()
  const idle: Instance[] = []
  const waiting: (() => void)[] = []
  const problems: string[] = []
  let count = 0

  async function start(): Promise<Instance> {
    const child = spawn(process.execPath, [program], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...environment(), _HANDLER: handler, LIMIT_SECONDS: String(seconds) },
    })
    living.add(child)
    child.stdout?.resume()
    child.stderr?.on("data", (chunk: Buffer) => problems.push(chunk.toString()))
    child.once("exit", () => living.delete(child))
    const ended = once(child, "exit").then(() => {
      throw new Error(`The function ended before it was ready:\n${problems.join("")}`)
    })
    const [ready] = await Promise.race([once(child, "message"), ended])
    return { child, ...(ready as Omit<Instance, "child">) }
  }

  async function take(): Promise<Instance> {
    const found = idle.pop()
    if (found) return found
    if (count < instances) {
      count++
      return start()
    }
    await new Promise<void>((resolve) => waiting.push(resolve))
    return take()
  }

  function give(instance: Instance, isUsable: boolean) {
    if (isUsable) idle.push(instance)
    else {
      instance.child.kill("SIGKILL")
      count--
    }
    waiting.shift()?.()
  }

  /** Hands an event to an instance, and answers with what that says as it comes. */
  async function invoke(event: unknown, context: object = {}): Promise<IncomingMessage> {
    const instance = await take()
    const asked = request({ port: instance.port, host: "127.0.0.1", method: "POST", agent: false })
    asked.end(JSON.stringify({ event, context, aheadMs: aheadMs() }))
    asked.on("error", () => undefined)
    const [answer] = (await once(asked, "response").catch((error: unknown) => {
      give(instance, false)
      throw error
    })) as [IncomingMessage]
    // An event whose answer nobody waits for would go on for a while: its instance is given up.
    answer.once("close", () => give(instance, answer.complete))
    return answer
  }

  return {
    invoke,
    /** Starts an instance for the next event. */
    async warm(): Promise<Pick<Instance, "initMs" | "cpuMs">> {
      const instance = await start()
      count++
      idle.push(instance)
      return instance
    },
    /** For functions that answer events with JSON. */
    async call<Result>(event: unknown, context?: object): Promise<Result> {
      const answer = await invoke(event, context)
      const said = await text(answer)
      if (answer.statusCode !== 200) throw new Error(`The function failed:\n${problems.join("")}`)
      return JSON.parse(said)
    },
    /** What its instances wrote to their logs. */
    log: () => problems.join(""),
    async close() {
      await Promise.all(
        [...living].map((child) => {
          child.kill("SIGKILL")
          return once(child, "exit")
        }),
      )
    },
  }
}

export type Lambda = ReturnType<typeof create>
