import { run } from "./host/command.ts"
import * as File from "./host/file.ts"
import { forward } from "./host/forward.ts"
import { jobs } from "./host/job.ts"
import { lines } from "./host/line.ts"
import { HostError, toProblem } from "./host/problem.ts"
import { end, everything } from "./host/process.ts"
import { program } from "./host/program.ts"
import { vitals } from "./host/vitals.ts"
import type { Answer, Note, Request, Settings } from "./protocol.ts"

/**
 * The process in whose world a session's commands run: started once by the worker, inside the
 * sandbox where there is one. It reads requests from standard input and ends, with everything that
 * it started, when that closes, so that it outlives no worker, however that one died.
 * Imports nothing but `node:`, since a sandbox shows it little more.
 */

/** A preview is sent at most so often, and is cut: the record comes with the answer. */
const noteMs = 50
const noteLimit = 4_000

interface World {
  settings: Settings
  jobs: ReturnType<typeof jobs>
}

const running = new Map<number, { stop(reason: "stopped"): Promise<void> }>()
let world: World | undefined

function send(message: Answer | Note) {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

async function hello(settings: Settings) {
  world = { settings, jobs: jobs(settings) }
  // The sandbox sets one of its own, which is not there.
  process.env.TMPDIR = settings.tmp
  // A host that was started in place of one that died clears away what that one left.
  await end(() => everything(settings.mark), 0)
  const proxy = process.env.HTTP_PROXY
  for (const port of [settings.forward, settings.forwardProxy])
    if (port !== undefined && proxy) await forward(port, new URL(proxy))
  return { pid: process.pid }
}

function preview(id: number) {
  let waiting = ""
  let timer: NodeJS.Timeout | undefined
  return {
    add(text: string) {
      waiting = (waiting + text).slice(-noteLimit)
      timer ??= setTimeout(() => {
        timer = undefined
        // A worker that reads slowly gets fewer previews, never a longer queue.
        if (process.stdout.writableNeedDrain) return
        send({ output: id, text: waiting.toWellFormed() })
        waiting = ""
      }, noteMs)
    },
    end: () => clearTimeout(timer),
  }
}

async function exec({ settings }: World, request: Extract<Request, { type: "exec" }>) {
  const cwd = File.folder(settings, request.cwd)
  const live = preview(request.id)
  const command = run(settings, {
    name: `command_${request.id}_${process.pid}`,
    script: request.script,
    cwd,
    proxy: request.proxy,
    timeoutMs: request.timeoutMs,
    silenceMs: request.silenceMs,
    onOutput: live.add,
  })
  running.set(request.id, command)
  try {
    return await command.done
  } finally {
    live.end()
    running.delete(request.id)
  }
}

async function execProgram({ settings }: World, request: Extract<Request, { type: "run" }>) {
  const item = program(settings, `program_${request.id}_${process.pid}`, request)
  running.set(request.id, item)
  try {
    return await item.done
  } finally {
    running.delete(request.id)
  }
}

async function answer(request: Request): Promise<unknown> {
  if (request.type === "hello") return hello(request)
  if (!world) throw new HostError("bug", "The first request must be hello")
  const { settings } = world
  switch (request.type) {
    case "exec":
      return exec(world, request)
    case "run":
      return execProgram(world, request)
    case "start":
      return world.jobs.start(request.script, File.folder(settings, request.cwd), request.proxy)
    case "jobs":
      return world.jobs.list()
    case "output":
      return world.jobs.output(request.jobID)
    case "stopJob":
      return world.jobs.stop(request.jobID)
    case "ping":
      return undefined
    case "vitals":
      return vitals(settings)
    case "stop":
      return running.get(request.target)?.stop("stopped")
    case "read":
      return File.read(settings, request.path, request.offset, request.length)
    case "write":
      return File.write(settings, request.path, request.offset, Buffer.from(request.bytes, "base64"))
    case "stat":
      return File.look(settings, request.path)
    case "inspect":
      return File.inspect(settings, request.folder, request.paths)
  }
}

async function finish() {
  const mark = world?.settings.mark
  if (mark) await end(() => everything(mark))
  process.exit(0)
}

lines(process.stdin, (line) => {
  const request = JSON.parse(line) as Request
  answer(request).then(
    (value) => send({ id: request.id, value: value ?? null }),
    (error: unknown) => send({ id: request.id, problem: toProblem(error) }),
  )
})
process.stdin.on("close", finish)
// The worker went away while we were writing to it; standard input closes as well.
process.stdout.on("error", () => undefined)
// Only the worker ends the host.
process.on("SIGTERM", () => undefined)
process.on("SIGINT", () => undefined)
process.on("SIGHUP", () => undefined)
