import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { Script } from "@remote-swe/worker/script"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import * as Deployed from "../machine/deployed.ts"

/** The program that a machine fetches, on this one: as processes that get their hosts over a socket. */

const { call, calls, text } = Script

describe.skipIf(process.platform !== "linux")("the deployed worker", () => {
  let folder: string
  let model: Script.Server
  let system: Awaited<ReturnType<typeof Deployed.start>>
  let hosts = true

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "swe-deployed-"))
    model = await Script.start()
    system = await Deployed.start({ folder, model: model.url, idleMs: 100, hosts: () => hosts })
  })
  afterAll(async () => {
    await system.close()
    await model.close()
    await rm(folder, { recursive: true, force: true })
  })

  test("works on a session, with all it is told to say to the model, and leaves", async () => {
    model.push(calls(call("bash", { command: "pwd; whoami" }, "one")), text("Done."))
    const { id } = await system.client.create({ message: "Look around" })
    const kinds: string[] = []
    for await (const event of system.client.stream(id)) {
      kinds.push(event.kind)
      if (event.kind === "joined") expect(event.sandbox).toBe("full")
      if (event.kind === "result")
        expect(event.content[0]).toMatchObject({ text: expect.stringMatching(/workspace\n/) })
      if (event.kind === "left") break
    }
    expect(kinds).toEqual(["message", "joined", "turn", "output", "result", "output", "turn", "left"])
    expect(model.faults).toEqual([])
    expect(model.requests[0]?.tools?.find(({ name }) => name === "bash")?.description).toContain("Runs a shell script")
  })

  test("does not start where nobody starts hosts: it would run commands as itself", async () => {
    hosts = false
    const { id } = await system.client.create({ message: "Look around" })
    const { child } = await vi.waitFor(() => {
      const worker = system.workers.get(id)
      expect(worker).toBeDefined()
      return worker as Deployed.Worker
    })
    if (child.exitCode === null) await once(child, "exit")
    expect(child.exitCode).toBe(1)
    const { items } = await system.client.events(id)
    expect(items.map(({ kind }) => kind)).toEqual(["message"])
  })
})
