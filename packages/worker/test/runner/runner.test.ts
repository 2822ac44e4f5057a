import { execFileSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as v from "valibot"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { tools } from "../../src/tool/index.ts"
import { Tool } from "../../src/tool/tool.ts"
import { Script } from "../script/index.ts"
import { Echo, only, outcome, resultTexts } from "../util.ts"
import { type Cloud, start } from "./cloud.ts"

const { call, calls, text } = Script

let cloud: Cloud

beforeAll(async () => {
  cloud = await start()
})
afterAll(() => cloud.close())
afterEach(() => expect(cloud.script.faults).toEqual([]))

const atRest = (info: { status: string }) => ["idle", "waiting", "failed"].includes(info.status)

/** Notices tell of this machine (its sandbox), so they are left out where only the order counts. */
const kinds = (events: readonly { kind: string }[]) =>
  events.map((event) => event.kind).filter((kind) => kind !== "notice")

/** A tool that waits until the test lets it go on, or until it is stopped. */
function gate() {
  const started = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const tool = Tool.define({
    name: "gate",
    description: "Waits.",
    input: v.strictObject({}),
    parallel: false,
    async execute(_, { signal }) {
      started.resolve()
      await Promise.race([go.promise, new Promise((resolve) => signal.addEventListener("abort", resolve))])
      signal.throwIfAborted()
      return "through"
    },
  })
  return { tool, started: started.promise, go: go.resolve }
}

describe("a worker", () => {
  test("joins, answers what is there, and leaves when it is told to", async () => {
    const session = await cloud.create({ message: "Say a." })
    cloud.script.push(calls(call("echo", { text: "a" })), text("Done."))
    const worker = await cloud.worker(session.id, [Echo])
    await cloud.until(session.id, atRest)
    worker.leave()
    await worker.done
    const events = await cloud.events(session.id)
    expect(kinds(events)).toEqual(["message", "joined", "turn", "output", "result", "output", "turn", "left"])
    expect(outcome(events)).toMatchObject({ outcome: "done" })
    expect(only(events, "left")[0]).toMatchObject({ reason: "stopped" })
  })

  test("hears of a message while it works, and reads it after the call in progress", async () => {
    const { tool, started, go } = gate()
    const session = await cloud.create({ message: "Go." })
    cloud.script.push(calls(call("gate", {})), text("Both done."))
    const worker = await cloud.worker(session.id, [tool])
    await started
    const { seq } = await cloud.send(session.id, "And this.")
    go()
    await cloud.until(session.id, atRest)
    const outputs = only(await cloud.events(session.id), "output")
    expect(outputs.map((event) => event.read)).toEqual([[], [seq]])
    worker.leave()
    await worker.done
  })

  test("reads each of many messages exactly once, whenever they come", async () => {
    const session = await cloud.create({ message: "Message 0" })
    const other = await Script.start({
      otherwise: (body) => (body.messages.length > 40 ? text("Enough.") : text("Yes.")),
    })
    const worker = await cloud.worker(session.id, [Echo], other.url)
    for (let number = 1; number <= 30; number++) await cloud.send(session.id, `Message ${number}`)
    await cloud.until(session.id, (info) => atRest(info) && info.unread.length === 0)
    const events = await cloud.events(session.id)
    const read = events.flatMap((event) => {
      if (event.kind === "output") return event.read
      return event.kind === "turn" && event.turn.phase === "started" ? event.turn.read : []
    })
    expect(read.toSorted((a, b) => a - b)).toEqual(only(events, "message").map((event) => event.seq))
    expect(other.faults).toEqual([])
    worker.leave()
    await worker.done
    await other.close()
  })

  test("stops a command with its children when the user says so", async () => {
    const session = await cloud.create({ message: "Wait for ever." })
    cloud.script.push(calls(call("bash", { command: "echo begun; sleep 1000 & sleep 1000" })))
    const worker = await cloud.worker(session.id, tools)
    await cloud.broker.seen((message) => JSON.stringify(message).includes("begun"))
    await cloud.stop(session.id)
    await cloud.until(session.id, atRest)
    const events = await cloud.events(session.id)
    expect(outcome(events)).toMatchObject({ outcome: "stopped" })
    expect(only(events, "result")[0]?.error).toBe(true)
    cloud.script.push(text("Still here."))
    await cloud.send(session.id, "Are you there?")
    await cloud.until(session.id, (info) => info.last?.text === "Still here.")
    worker.leave()
    await worker.done
  })

  test("shows what the model says while it says it, each piece in its place", async () => {
    const session = await cloud.create({ message: "Talk." })
    const words = Array.from({ length: 400 }, (_, index) => `word ${index}`).join(", ")
    cloud.script.push(text(words, { chunk: 7 }))
    const worker = await cloud.worker(session.id, [Echo])
    await cloud.until(session.id, atRest)
    await cloud.broker.seen((message) => (message as { text?: string }).text?.includes("word 399") ?? false)
    const deltas = cloud.broker.messages
      .filter(({ topic }) => topic.endsWith(`/session/${session.id}/delta`))
      .map(({ payload }) => payload as { type: string; text: string; offset: number })
      .filter(({ type }) => type === "text")
    expect(deltas.map((delta) => delta.text).join("")).toBe(words)
    expect(deltas.length).toBeLessThan(words.length / 7)
    for (const { text, offset } of deltas) expect(words.slice(offset, offset + text.length)).toBe(text)
    worker.leave()
    await worker.done
  })
})

describe("generations", () => {
  test("a turn that a worker left in the middle is ended by the next, which learns what was interrupted", async () => {
    const { tool, started } = gate()
    const session = await cloud.create({ message: "Go." })
    cloud.script.push(calls(call("gate", {})))
    const first = await cloud.worker(session.id, [tool])
    await started
    first.leave()
    await first.done
    cloud.script.push(text("It was interrupted."))
    const second = await cloud.worker(session.id, [tool])
    await cloud.until(session.id, atRest)
    second.leave()
    await second.done
    const events = await cloud.events(session.id)
    expect(kinds(events)).toEqual(["message", "joined", "turn", "output", "left", "joined", "output", "turn", "left"])
    expect(JSON.stringify(cloud.script.requests.at(-1)?.messages.at(-1))).toContain("interrupted")
  })

  test("a worker of a program that the API no longer serves ends well, and leaves the session to the next", async () => {
    const session = await cloud.create({ message: "Go" })
    const old = await cloud.worker(session.id, [Echo], cloud.script.url, 0)
    await old.done
    expect(kinds(await cloud.events(session.id))).toEqual(["message"])
    cloud.script.push(text("Here I am."))
    const next = await cloud.worker(session.id, [Echo])
    await cloud.until(session.id, atRest)
    next.leave()
    await next.done
    expect(next.generation).toBe(2)
  })

  test("a worker that was replaced ends at once and writes nothing more", async () => {
    const { tool, started } = gate()
    const session = await cloud.create({ message: "Go." })
    cloud.script.push(calls(call("gate", {})), text("I took over."))
    const first = await cloud.worker(session.id, [tool])
    await started
    const second = await cloud.worker(session.id, [tool])
    await cloud.until(session.id, atRest)
    cloud.script.push(text("Yes."))
    await cloud.send(session.id, "One more.")
    await cloud.until(session.id, (info) => info.last?.text === "Yes.")
    await first.done
    second.leave()
    await second.done
    const events = await cloud.events(session.id)
    const joined = events.findIndex((event) => event.kind === "joined" && event.generation === 2)
    const writers = events.slice(joined).flatMap(({ actor }) => (actor.type === "worker" ? [actor.generation] : []))
    expect(new Set(writers)).toEqual(new Set([2]))
  })
})

describe("a repository", () => {
  /** A repository with guidance for agents, and one commit. */
  function repository(name: string) {
    const folder = join(cloud.folder, name)
    mkdirSync(folder)
    writeFileSync(join(folder, "AGENTS.md"), "Always write tests in Gherkin.")
    writeFileSync(join(folder, "main.ts"), "export const answer = 41\n")
    const git = (...args: string[]) => execFileSync("git", ["-C", folder, ...args])
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "-qm", "First")
    return folder
  }

  test("is cloned before the first turn, with its guidance in the prompt, and restored with what was not committed", async () => {
    const session = await cloud.create({ message: "Mend it.", repository: repository("answers") })
    cloud.script.push(
      calls(call("write", { path: "answers/main.ts", content: "export const answer = 42\n" })),
      text("Done."),
    )
    const first = await cloud.worker(session.id, tools)
    await cloud.until(session.id, atRest)
    expect(await cloud.changes(session.id)).toEqual(["main.ts"])
    first.leave()
    await first.done
    const system = JSON.stringify(cloud.script.requests.at(-1)?.system)
    expect(system).toContain("Always write tests in Gherkin.")
    expect(system).toContain("answers")
    expect(only(await cloud.events(session.id), "snapshot")).toHaveLength(1)

    cloud.script.push(
      calls(call("bash", { command: "cat answers/main.ts; git -C answers status --short" })),
      text("Ok."),
    )
    await cloud.send(session.id, "What does it say?")
    const second = await cloud.worker(session.id, tools)
    await cloud.until(session.id, (info) => info.last?.text === "Ok.")
    second.leave()
    await second.done
    const shown = resultTexts(await cloud.events(session.id)).at(-1)
    expect(shown).toContain("answer = 42")
    expect(shown).toContain("M main.ts")
  })

  test("that cannot be cloned is reported to the user and to the model", async () => {
    const session = await cloud.create({ message: "Mend it.", repository: join(cloud.folder, "nowhere") })
    cloud.script.push(text("I have no repository."))
    const worker = await cloud.worker(session.id, tools)
    await cloud.until(session.id, atRest)
    worker.leave()
    await worker.done
    const notices = only(await cloud.events(session.id), "notice").map((event) => event.code)
    expect(notices).toContain("repository.clone_failed")
    expect(JSON.stringify(cloud.script.requests.at(-1)?.system)).toContain("could not be cloned")
  })
})

test("a file that the user attaches reaches the model, and commands", async () => {
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  )
  const file = await cloud.upload("dot.png", "image/png", png)
  const session = await cloud.create({ message: "What is this?", files: [file] })
  cloud.script.push((body) => {
    const path = /saved at (\S+)\]/.exec(JSON.stringify(body.messages[0]))?.[1]
    return calls(call("bash", { command: `wc -c < ${path}` }))
  })
  cloud.script.push(text("A dot."))
  const worker = await cloud.worker(session.id, tools)
  await cloud.until(session.id, atRest)
  worker.leave()
  await worker.done
  const [image] = cloud.script.requests.at(-1)?.messages[0]?.content ?? []
  expect(image?.source?.data).toBe(png.toString("base64"))
  expect(resultTexts(await cloud.events(session.id))[0]).toContain(String(png.length))
})
