import { mkdir, readdir, readFile, stat } from "node:fs/promises"
import { createServer } from "node:http"
import net from "node:net"
import path from "node:path"
import mqtt from "mqtt"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { WebSocket } from "ws"
import { call, calls, Script, text } from "../../../worker/test/script/index.ts"
import { Demo } from "../../src/demo/index.ts"
import { close, listen } from "../../src/net.ts"
import { follow, isAnswered } from "../kill/session.ts"
import { folder, processesWith, run, start, type System } from "../system.ts"

const onLinux = process.platform === "linux"

let home: Awaited<ReturnType<typeof folder>>
let env: { TMPDIR: string; LLM_PROVIDER: string }
const ends: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  home = await folder()
  env = { TMPDIR: path.join(home.path, "tmp"), LLM_PROVIDER: "demo" }
  await mkdir(env.TMPDIR)
})
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
  await home.remove()
})

const state = () => path.join(home.path, "home")

async function boot(more: NodeJS.ProcessEnv = {}, port = 0) {
  const system = await start({ home: state(), port, env: { ...env, ...more } })
  ends.push(() => system.end("SIGKILL"))
  return system
}

const isClosed = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = net.connect(port, "127.0.0.1")
    socket.once("connect", () => {
      socket.destroy()
      resolve(false)
    })
    socket.once("error", () => resolve(true))
  })

/** Nothing of the system is left: no process, port or temporary folder. */
async function expectGone({ port }: Pick<System, "port">) {
  expect(await isClosed(port)).toBe(true)
  if (onLinux) expect(await processesWith(home.path)).toEqual([])
  expect(await readdir(env.TMPDIR)).toEqual([])
  expect(await readdir(path.join(state(), "worker"))).toEqual([])
}

describe("the system", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "answers once it says that it is ready, and ends cleanly on %s",
    async (signal) => {
      const system = await boot()
      expect(system.url).toBe(`http://localhost:${system.port}`)
      expect((await fetch(`${system.url}/api/v1/health`)).status).toBe(200)
      expect(await (await fetch(system.url)).text()).toContain("<html")
      expect(system.output()).toContain("ANTHROPIC_API_KEY")
      expect(await system.end(signal)).toEqual({ code: 0, signal: null })
      await expectGone(system)
    },
  )

  test("takes one Ctrl-C, passed on by terminal, npm and launcher, for one", async () => {
    const system = await boot()
    for (let times = 0; times < 3; times++) system.child.kill("SIGINT")
    expect(await system.end("SIGINT")).toEqual({ code: 0, signal: null })
    await expectGone(system)
  })

  test("leaves nothing behind when a worker is in the middle of a command with children", async () => {
    const model = await Script.start({ otherwise: text("Done.") })
    ends.push(model.close)
    model.push(calls(call("bash", { command: "touch begun; sleep 987 & (sleep 988 & sleep 989) & sleep 990" })))
    const system = await boot({ LLM_PROVIDER: "anthropic", ANTHROPIC_API_KEY: "test", ANTHROPIC_BASE_URL: model.url })
    const { id } = await system.api.create({ message: "Sleep" })
    const begun = async () => {
      const files = await readdir(path.join(state(), "worker", id), { recursive: true }).catch(() => [])
      expect(files.some((file) => file.endsWith("begun"))).toBe(true)
    }
    await vi.waitFor(begun, { timeout: 60_000, interval: 50 })
    expect(await system.end("SIGTERM")).toEqual({ code: 0, signal: null })
    await expectGone(system)

    // The turn goes on after the next start, with the command's fate told to the model.
    const again = await boot({ LLM_PROVIDER: "anthropic", ANTHROPIC_API_KEY: "test", ANTHROPIC_BASE_URL: model.url })
    const log = await follow(again.api, id)
    await log.when(() => isAnswered(log.events))
    await log.close()
    expect(model.faults).toEqual([])
    await again.end("SIGTERM")
  })

  test("that is killed takes its workers with it", async () => {
    const model = await Script.start()
    ends.push(model.close)
    model.push({ parts: [{ type: "text", text: "One moment" }], ending: { type: "hang" }, unfinished: true })
    const system = await boot({ LLM_PROVIDER: "anthropic", ANTHROPIC_API_KEY: "test", ANTHROPIC_BASE_URL: model.url })
    await system.api.create({ message: "Wait" })
    await model.received(1)
    await system.end("SIGKILL")
    if (onLinux)
      await vi.waitFor(async () => expect(await processesWith(home.path)).toEqual([]), {
        timeout: 30_000,
        interval: 100,
      })
  })

  test("keeps sessions, files and keys when it is started again, on another port if need be", async () => {
    const first = await boot({ LLM_PROVIDER: "anthropic", ANTHROPIC_BASE_URL: "http://127.0.0.1:9" })
    const session = await first.api.create({ message: "Keep me", title: "Kept" })
    const file = await first.api.upload("a.txt", "text/plain", Buffer.from("bytes"))
    await first.end("SIGTERM")
    const second = await boot({ LLM_PROVIDER: "anthropic", ANTHROPIC_BASE_URL: "http://127.0.0.1:9" })
    expect(second.key).toBe(first.key)
    expect(await second.api.get(session.id)).toMatchObject({ id: session.id, title: "Kept" })
    expect(Buffer.from(await second.api.download(file)).toString()).toBe("bytes")
    expect((await stat(path.join(state(), "api-key"))).mode & 0o777).toBe(0o600)
    expect((await stat(state())).mode & 0o777).toBe(0o700)
    await second.end("SIGTERM")
  })

  test("accepts the key of the environment", async () => {
    const key = "a key that the owner chose"
    const system = await boot({ REMOTE_SWE_API_KEY: key })
    expect((await fetch(`${system.url}/api/v1/sessions`, { headers: { "x-api-key": key } })).status).toBe(200)
    expect((await fetch(`${system.url}/api/v1/sessions`, { headers: { "x-api-key": `${key}s` } })).status).toBe(401)
    await system.end("SIGTERM")
  })
})

describe("the system says why it does not start", () => {
  async function refused(options: Parameters<typeof run>[0]) {
    const { ended, output } = run(options)
    expect(await ended).toEqual({ code: 1, signal: null })
    expect(output()).not.toContain("    at ")
    return output()
  }

  test("when the port is taken", async () => {
    const other = createServer()
    const port = await listen(other, { host: "127.0.0.1", port: 0 })
    ends.push(() => close(other))
    expect(await refused({ home: state(), port, env })).toMatch(new RegExp(`Port ${port} is in use.*PORT`))
  })

  test("when another one has the folder", async () => {
    const system = await boot()
    const said = await refused({ home: state(), env })
    expect(said).toContain(state())
    expect(said).toContain(`${system.child.pid}`)
    expect(said).toContain("REMOTE_SWE_HOME")
    expect((await fetch(`${system.url}/api/v1/health`)).status).toBe(200)
    await system.end("SIGTERM")
  })

  test("when other machines could reach it without a login", async () => {
    expect(await refused({ home: state(), env: { ...env, HOST: "0.0.0.0" } })).toContain("without a login")
  })

  test("when a variable is wrong", async () => {
    expect(await refused({ home: state(), env: { ...env, ANTHROPIC_BASE_URL: "nowhere" } })).toContain(
      "ANTHROPIC_BASE_URL",
    )
  })

  test("when it does not know the command", async () => {
    expect(await refused({ home: state(), env, args: ["walk"] })).toContain("Usage")
    expect(await refused({ home: state(), env, args: ["--fast"] })).toContain("--fast")
  })
})

test("pages of others can neither ask, nor send, nor listen", async () => {
  const system = await boot()
  const host = `localhost:${system.port}`
  const api = `${system.url}/api/v1/sessions`
  const headers = { "x-api-key": system.key, "content-type": "application/json" }
  const post = (more: Record<string, string>) =>
    fetch(api, { method: "POST", headers: { ...headers, ...more }, body: JSON.stringify({ message: "Hi" }) })
  expect((await post({ origin: "https://evil.example" })).status).toBe(403)
  expect((await post({ origin: "null" })).status).toBe(403)
  expect((await post({ "sec-fetch-site": "cross-site" })).status).toBe(403)
  expect(
    await raw(system.port, "GET /api/v1/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
  ).toContain("403 Forbidden")
  expect(
    await raw(system.port, `GET / HTTP/1.1\r\nHost: evil.example:${system.port}\r\nConnection: close\r\n\r\n`),
  ).toContain("403 Forbidden")
  expect((await system.api.list()).items).toEqual([])

  const open = (options: { origin?: string; headers?: Record<string, string> }) =>
    new Promise<number | "open">((resolve) => {
      const socket = new WebSocket(`ws://${host}/mqtt`, "mqtt", options)
      socket.once("open", () => {
        socket.close()
        resolve("open")
      })
      socket.once("unexpected-response", (_, response) => resolve(response.statusCode ?? 0))
      socket.once("error", () => undefined)
    })
  expect(await open({ origin: "https://evil.example" })).toBe(403)
  expect(await open({ origin: "http://localhost:1" })).toBe(403)
  expect(await open({ headers: { host: `evil.example:${system.port}` } })).toBe(403)
  expect(await open({ origin: `http://${host}` })).toBe("open")
  const anonymous = mqtt.connectAsync(`ws://${host}/mqtt`, { reconnectPeriod: 0, username: "", password: "guess" })
  await expect(anonymous).rejects.toThrow()

  const bucket = await fetch(`${system.url}/remote-swe-files/session/`)
  expect(bucket.status).toBe(403)
  const page = await fetch(system.url)
  expect(page.headers.get("x-content-type-options")).toBe("nosniff")
  expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'")
  await system.end("SIGTERM")
})

const raw = (port: number, request: string) =>
  new Promise<string>((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.end(request))
    let answer = ""
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()))
    socket.once("close", () => resolve(answer))
    socket.once("error", reject)
  })

test("one session runs from the terminal to its pull request", async () => {
  const { ended, output } = run({ home: state(), env, args: ["run", Demo.suggestion(state()).message] })
  expect(await ended).toEqual({ code: 0, signal: null })
  expect(output()).toMatch(/Branch: +remote-swe\//)
  expect(output()).toMatch(/Pull request: +#1 /)
  expect(output()).toMatch(/Cost: +/)
  if (onLinux) expect(await processesWith(home.path)).toEqual([])
  const record = path.join(state(), "sample", "lapse.git", "remote-swe", "pull-request", "1.json")
  expect(JSON.parse(await readFile(record, "utf8"))).toMatchObject({ base: "main" })
})

test("Ctrl-C stops a session that runs from the terminal", async () => {
  const model = await Script.start({ otherwise: text("Done.") })
  ends.push(model.close)
  model.push({ parts: [{ type: "text", text: "One moment" }], ending: { type: "hang" }, unfinished: true })
  const more = { LLM_PROVIDER: "anthropic", ANTHROPIC_API_KEY: "test", ANTHROPIC_BASE_URL: model.url }
  const running = run({ home: state(), env: { ...env, ...more }, args: ["run", "Wait"] })
  await model.received(1)
  running.child.kill("SIGINT")
  expect(await running.ended).toEqual({ code: 130, signal: null })
  const system = await boot(more)
  const [session] = (await system.api.list()).items
  expect(session).toMatchObject({ status: "idle", unread: [] })
  await system.end("SIGTERM")
})

test("the terminal uses the system that is running, and tells when the agent failed", async () => {
  const model = await Script.start({
    otherwise: { status: 400, error: "invalid_request_error", message: "Your credit is used up" },
  })
  ends.push(model.close)
  const more = { LLM_PROVIDER: "anthropic", ANTHROPIC_API_KEY: "test", ANTHROPIC_BASE_URL: model.url }
  const system = await boot(more)
  const { ended, output } = run({ home: state(), env: { ...env, ...more }, args: ["run", "Try"] })
  expect(await ended).toEqual({ code: 1, signal: null })
  expect(output()).toContain(`Using the system at ${system.url}`)
  expect((await fetch(`${system.url}/api/v1/health`)).status).toBe(200)
  await system.end("SIGTERM")
})
