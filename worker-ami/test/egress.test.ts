import { createInterface } from "node:readline"
import { setTimeout } from "node:timers/promises"
import { latestMs } from "../../packages/worker/src/egress/kernel.ts"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { Asked, Said } from "./daemon.ts"
import * as Journal from "./journal.ts"
import { lacking } from "./util.ts"
import { open, place, user, type World } from "./world.ts"

const programs = ["ip", "nft", "socat", "ping", "setpriv", "sysctl", "unshare", "journalctl", "curl"]
const skipped = lacking("egress", programs, true) || !Journal.isHere()

type Refused = Extract<Said, { refused: unknown }>["refused"]

/** The worker's part in a process of its own, as the daemon's user. */
function daemon(world: World, socket: string) {
  const child = world.start("daemon", socket)
  const answers: ((answer: string | null) => void)[] = []
  const refusals: Refused[] = []
  const waiting: { matches(refusal: Refused): boolean; resolve(refusal: Refused): void }[] = []
  createInterface(child.stdout).on("line", (line) => {
    const said = JSON.parse(line) as Said
    if ("done" in said) return answers.shift()?.(said.done)
    refusals.push(said.refused)
    for (const waiter of waiting) if (waiter.matches(said.refused)) waiter.resolve(said.refused)
  })
  const ask = (asked: Asked) =>
    new Promise<string | null>((resolve) => {
      answers.push(resolve)
      child.stdin.write(`${JSON.stringify(asked)}\n`)
    })
  return {
    ask,
    refusals,
    /** The first refusal of that host and port, which may be yet to come. */
    refusal(host: string, port?: number) {
      const matches = (refusal: Refused) => refusal.host === host && refusal.port === port
      const known = refusals.find(matches)
      return known ?? new Promise<Refused>((resolve) => waiting.push({ matches, resolve }))
    },
  }
}

describe.skipIf(skipped)("a machine whose commands are kept to a list", () => {
  let world: World
  let journal: Awaited<ReturnType<typeof Journal.open>>
  let worker: ReturnType<typeof daemon>

  beforeAll(async () => {
    journal = await Journal.open()
    world = await open()
    await world.internet({
      "allowed.example": [place.public4, place.public6],
      "other.example": [place.public4],
      "inner.example": [place.metadata4, place.outside4, "10.0.0.1"],
    })
    worker = daemon(world, journal.socket)
    // A journal reads a line some milliseconds after it was written: it has to be there first.
    await world.rules("base")
    await worker.ask({ begin: "early" })
    for (let tries = 0; tries < 100 && worker.refusals.length === 0; tries++)
      await world.as(user.agent, "curl", "-s", `http://${place.outside4}:9999/`)
    expect(worker.refusals).not.toEqual([])
    await worker.ask({ end: "early" })
  })
  afterAll(async () => {
    await world.close()
    await journal.close()
  })
  beforeEach(async () => {
    worker.refusals.splice(0)
    await worker.ask({ allow: ["allowed.example", "inner.example"] })
  })

  /** What ran before has ended for so long that it can be none of its packets that is told of next. */
  const alone = () => setTimeout(latestMs + 50)

  /** A command of the agent's; with its proxy, unless it goes without: then it is told from others by time alone. */
  async function command(script: string, { bare = false, uid = user.agent as number } = {}) {
    if (bare) await alone()
    const proxy = (await worker.ask({ begin: script })) ?? ""
    const variables = bare ? [] : ["http_proxy", "https_proxy"].map((name) => `${name}=${proxy}`)
    const outcome = await world.as(uid, "env", ...variables, "sh", "-c", script)
    await worker.ask({ end: script })
    return outcome
  }

  test("reaches an allowed host through the proxy, also by a tunnel", async () => {
    for (const uid of [user.agent, user.contained]) {
      expect(await command("curl -sS http://allowed.example/", { uid })).toMatchObject({ stdout: "out there\n" })
      expect(await command("curl -sSp http://allowed.example/", { uid })).toMatchObject({ stdout: "out there\n" })
    }
    expect(worker.refusals).toEqual([])
  })

  test("reaches no other through it, and each refusal is of the command that asked", async () => {
    const scripts = [
      "curl -s http://other.example/",
      "curl -s http://inner.example/",
      `curl -s http://${place.public4}/`,
    ]
    const [other, inner, address] = await Promise.all(scripts.map((script) => command(script)))
    expect(other?.stdout).toMatch(/^other\.example:80 is not on the list/)
    expect(inner?.stdout).toMatch(/^inner\.example:80 is no public address/)
    expect(address?.stdout).toMatch(/^20\.0\.113\.10:80 is no public address/)
    expect(await worker.refusal("other.example", 80)).toMatchObject({ why: "domain", scripts: [scripts[0]] })
    expect(await worker.refusal("inner.example", 80)).toMatchObject({ why: "address", scripts: [scripts[1]] })
    expect(await worker.refusal(place.public4, 80)).toMatchObject({ why: "address", scripts: [scripts[2]] })
  })

  const v6 = (address: string) => `[${address}]`
  test.each<[string, string, string, number | undefined]>([
    ["TCP", `curl -sS -m 5 http://${place.public4}:81/`, place.public4, 81],
    ["TCP over IPv6", `curl -sS -m 5 'http://${v6(place.public6)}:81/'`, place.public6, 81],
    ["UDP", `echo hello | socat -t 0.2 - UDP4:${place.outside4}:4711`, place.outside4, 4711],
    ["UDP over IPv6", `echo hello | socat -t 0.2 - UDP6:${v6(place.outside6)}:4711`, place.outside6, 4711],
    ["the provider's resolver", `echo hello | socat -t 0.2 - UDP4:${place.resolver4}:53`, place.resolver4, 53],
    ["another resolver", `echo hello | socat -t 0.2 - UDP4:${place.outside4}:53`, place.outside4, 53],
    ["the metadata address", `curl -sS -m 5 http://${place.metadata4}/`, place.metadata4, 80],
  ])("reaches nothing by %s without the proxy, and what tried is named", async (_, script, host, port) => {
    const { stdout } = await command(script, { bare: true })
    expect(stdout).toBe("")
    expect(await worker.refusal(host, port)).toEqual({ host, port, why: "direct", scripts: [script] })
  })

  test("finds no name without the proxy", async () => {
    const { stdout, stderr } = await command("curl -sS -m 5 http://allowed.example/", { bare: true })
    expect([stdout, stderr]).toEqual(["", expect.stringContaining("Could not resolve host")])
    expect(await worker.refusal(place.resolver4, 53)).toMatchObject({ why: "direct" })
  })

  test("pings nobody and has no raw sockets", async () => {
    await alone()
    await worker.ask({ begin: "ping" })
    expect((await world.ping(user.agent, place.outside4)).code).not.toBe(0)
    expect(await worker.refusal(place.outside4)).toMatchObject({ why: "direct", scripts: ["ping"] })
    await worker.ask({ end: "ping" })
    const raw = await command(`echo hello | socat - IP4-SENDTO:${place.public4}:17`, { bare: true })
    expect(raw.stderr).toMatch(/Operation not permitted/)
  })

  test("names all that ran when it cannot be told which it was", async () => {
    const scripts = [`curl -sS -m 5 http://${place.public4}:82/`, "sleep 2"]
    await worker.ask({ begin: scripts[1] ?? "" })
    await command(scripts[0] ?? "", { bare: true })
    expect((await worker.refusal(place.public4, 82)).scripts.toSorted()).toEqual(scripts)
    await worker.ask({ end: scripts[1] ?? "" })
  })

  test("reaches what is allowed while it runs; the firewall stays as it is", async () => {
    expect((await command("curl -s http://other.example/")).stdout).toContain("not on the list")
    await worker.ask({ allow: ["other.example"] })
    expect((await command("curl -s http://other.example/")).stdout).toBe("out there\n")
    expect((await command("curl -s http://allowed.example/")).stdout).toContain("not on the list")
    expect((await command(`curl -sS -m 5 http://${place.public4}:83/`, { bare: true })).stdout).toBe("")
  })
})
