import { spawn } from "node:child_process"
import { once } from "node:events"
import { pipeline } from "node:stream/promises"
import { programMs, type RunValue, type Settings } from "../protocol.ts"
import type { Program } from "../sandbox.ts"
import { end, family, variable } from "./process.ts"
import { proxied } from "./proxied.ts"

const outputLimit = 16 * 1024 * 1024
const errorLimit = 8_000

/** Runs one program with exact arguments and keeps what it prints, up to a limit. */
export function program(
  settings: Settings,
  name: string,
  item: Omit<Program, "input"> & { input?: string; proxy?: string },
) {
  const [file, ...args] = item.args
  const limit = item.limit ?? outputLimit
  const child = spawn(file, args, {
    cwd: item.cwd ?? settings.root,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...proxied(process.env, item.proxy), ...item.env, [variable.command]: name },
  })
  const leader = child.pid
  const chunks: Buffer[] = []
  let size = 0
  let truncated = false
  let errors = ""
  let ending: Promise<void> | undefined

  function stop() {
    if (leader === undefined) return Promise.resolve()
    ending ??= end(() => family(leader, name))
    return ending
  }

  child.stdout.on("data", (bytes: Buffer) => {
    if (truncated) return
    chunks.push(bytes.subarray(0, limit - size))
    size += bytes.length
    if (size <= limit) return
    truncated = true
    void stop()
  })
  child.stderr.on("data", (bytes: Buffer) => {
    errors = (errors + bytes.toString()).slice(-errorLimit)
  })
  const timer = setTimeout(stop, item.timeoutMs ?? programMs)

  async function finish(): Promise<RunValue> {
    const closed = once(child, "close")
    // A program may end without having read its input.
    const input = pipeline([Buffer.from(item.input ?? "", "base64")], child.stdin).catch(() => undefined)
    const [code] = (await closed) as [number | null]
    await input
    clearTimeout(timer)
    await ending
    return { code, stdout: Buffer.concat(chunks).toString("base64"), stderr: errors, truncated }
  }

  return { done: finish(), stop }
}
