import fc from "fast-check"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { Egress } from "../../src/egress/index.ts"
import * as Kernel from "../../src/egress/kernel.ts"
import { now } from "../../src/egress/register.ts"
import { internet } from "./world.ts"

/** As a kernel wrote them with the machine's rules, in two network namespaces. */
const tcp4 =
  "remote-swe refused: IN= OUT=eth0 SRC=10.0.0.2 DST=203.0.113.10 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=2095 DF PROTO=TCP SPT=55312 DPT=80 WINDOW=64240 RES=0x00 SYN URGP=0 UID=2000 GID=2000 "
const udp6 =
  "remote-swe refused: IN= OUT=eth0 SRC=2001:0db8:0000:0000:0000:0000:0000:0002 DST=2001:0db8:0001:0000:0000:0000:0000:0010 LEN=54 TC=0 HOPLIMIT=64 FLOWLBL=689004 PROTO=UDP SPT=52198 DPT=53 LEN=14 UID=2000 GID=2000 "
const ping =
  "remote-swe refused: IN= OUT=eth0 SRC=10.0.0.2 DST=203.0.113.10 LEN=84 TOS=0x00 PREC=0x00 TTL=64 ID=37163 DF PROTO=ICMP TYPE=8 CODE=0 ID=27 SEQ=1 UID=2000 GID=2000 "

const entry = (MESSAGE: unknown, at = 1_356_185_502, more = {}) =>
  JSON.stringify({ MESSAGE, __MONOTONIC_TIMESTAMP: String(at), ...more })

test.each([
  [tcp4, { host: "203.0.113.10", port: 80 }],
  [udp6, { host: "2001:db8:1::10", port: 53 }],
  [ping, { host: "203.0.113.10" }],
])("a line says to whom the packet was: %s", (message, wanted) => {
  expect(Kernel.addressee(message)).toEqual(wanted)
  expect(Kernel.parse(entry(message))).toEqual({ ...wanted, since: 1_355_935.502, until: 1_356_185.502 })
})

test("a line was written shortly before it was read, and as the kernel says where that can be", () => {
  const since = (written: number) => {
    const parsed = Kernel.parse(entry(tcp4, 5_000_000, { _SOURCE_MONOTONIC_TIMESTAMP: String(written) }))
    return parsed && [parsed.since, parsed.until]
  }
  expect(since(4_997_000)).toEqual([4_987, 5_000])
  expect(since(5_000_001)).toEqual([4_750, 5_000])
  expect(since(4_000_000)).toEqual([4_750, 5_000])
})

test("an answer about a packet is not taken for that packet", () => {
  const about = `${ping.replace("TYPE=8", "TYPE=3").trimEnd()} [SRC=203.0.113.10 DST=10.0.0.9 PROTO=UDP SPT=1 DPT=9 ] `
  expect(Kernel.addressee(about)).toEqual({ host: "203.0.113.10" })
})

test.each([
  "",
  "no json",
  "null",
  entry("audit: remote-swe refused: IN= OUT=eth0 DST=203.0.113.10 DPT=80"),
  entry("remote-swe refused: "),
  entry("remote-swe refused: DST=example.com DPT=80"),
  entry([114, 101]),
  JSON.stringify({ MESSAGE: tcp4 }),
  JSON.stringify({ MESSAGE: tcp4, __MONOTONIC_TIMESTAMP: "-1" }),
  entry(`${"x".repeat(9_000)}${tcp4}`),
])("another line says nothing: %s", (line) => expect(Kernel.parse(line)).toBeUndefined())

test("no line breaks it", () => {
  const word = fc.oneof(fc.string(), fc.constantFrom("DST=", "DPT=1e9", "DPT=-1", "DST=1.1.1.1", "[", "]", "DST=::1"))
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const found = Kernel.parse(entry(`remote-swe refused: ${words.join(" ")}`))
      if (found?.port !== undefined) expect(found.port).toBeLessThanOrEqual(65_535)
    }),
  )
})

/** A unit of the machine that hands on lines of the journal. */
async function journal() {
  const folder = mkdtempSync(join(tmpdir(), "journal-"))
  const path = join(folder, "refusals.sock")
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket))
  const connected = () => once(server, "connection")
  server.listen(path)
  await once(server, "listening")
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    rmSync(folder, { recursive: true })
  })
  return { path, connected, write: (text: string) => sockets.at(-1)?.write(text), end: () => sockets.at(-1)?.end() }
}

async function watched(jobs: Parameters<Egress.Info["watch"]>[1] = async () => []) {
  const unit = await journal()
  const egress = await Egress.open(internet({}).way)
  onTestFinished(() => egress.close())
  const refusals: Egress.Refusal[] = []
  const waiting: (() => void)[] = []
  egress.listen((refusal) => {
    refusals.push(refusal)
    waiting.shift()?.()
  })
  const first = unit.connected()
  egress.watch(unit.path, jobs)
  await first
  /** The kernel refuses something at a time; resolves with the commands that may have done it. */
  async function refuse(at = now()) {
    const told = new Promise<void>((resolve) => waiting.push(resolve))
    const micros = Math.round(at * 1_000)
    unit.write(`${entry(tcp4, micros, { _SOURCE_MONOTONIC_TIMESTAMP: String(micros) })}\n`)
    await told
    return refusals.at(-1)?.commands.map(({ script }) => script)
  }
  return { unit, egress, refusals, refuse }
}

test("a refusal is of the command that ran at that moment", async () => {
  const { egress, refuse, refusals } = await watched()
  const first = egress.begin({ script: "first", callID: "call_1" })
  const during = now()
  first.end()
  egress.begin({ script: "second", callID: "call_2" })
  expect(await refuse(during)).toEqual(["first"])
  expect(await refuse(now() + 60_000)).toEqual(["second"])
  expect(refusals).toMatchObject([
    { host: "203.0.113.10", port: 80, why: "direct", commands: [{ callID: "call_1" }] },
    { commands: [{ callID: "call_2" }] },
  ])
})

test("a refusal may be of any of those that ran side by side, and of nobody that we know", async () => {
  const { egress, refuse } = await watched()
  const before = now()
  egress.begin({ script: "one" })
  egress.begin({ script: "two" })
  expect(await refuse()).toEqual(["one", "two"])
  expect(await refuse(before - 100)).toEqual([])
})

test("a job is among them while it runs", async () => {
  const startedAt = Date.now()
  const job = { id: "job_1", script: "npm start", state: "running" as "running" | "exited", code: null, startedAt }
  const { egress, refuse } = await watched(async () => [job.state === "running" ? job : { ...job, endedAt: startedAt }])
  egress.begin({ script: "npm start" }).become("job_1")
  const other = egress.begin({ script: "curl" })
  expect(await refuse()).toEqual(["npm start", "curl"])
  job.state = "exited"
  expect(await refuse(now() + 60_000)).toEqual(["curl"])
  other.end()
  egress.begin({ script: "a new host's" }).become("job_1")
  job.state = "running"
  expect(await refuse(now() + 60_000)).toEqual(["a new host's"])
})

test("a unit that ended is asked again", async () => {
  const { unit, egress, refuse } = await watched()
  egress.begin({ script: "curl" })
  const again = unit.connected()
  unit.end()
  await again
  expect(await refuse()).toEqual(["curl"])
})
