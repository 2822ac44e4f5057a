import { mkdir } from "node:fs/promises"
import path from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { call, calls, Script, text } from "../../../worker/test/script/index.ts"
import { follow, isAnswered } from "../kill/session.ts"
import { folder, start } from "../system.ts"

const ends: (() => Promise<unknown>)[] = []
let home: Awaited<ReturnType<typeof folder>>

beforeEach(async () => {
  home = await folder()
  ends.push(home.remove)
})
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

test("Bedrock works with the owner's credentials, and commands see none of them", async () => {
  const server = await Script.start()
  ends.push(server.close)
  const TMPDIR = path.join(home.path, "tmp")
  await mkdir(TMPDIR)
  const system = await start({
    home: path.join(home.path, "home"),
    env: {
      TMPDIR,
      LLM_PROVIDER: "bedrock",
      AWS_ACCESS_KEY_ID: "AKIAOWNER",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_SESSION_TOKEN: "session",
      AWS_REGION: "eu-west-1",
      BEDROCK_GEOGRAPHY: "region",
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: server.url,
    },
  })
  ends.push(() => system.end("SIGKILL"))
  server.push(calls(call("bash", { command: "env | grep ^AWS_ || echo none" })), text("Done."))

  expect((await system.api.models()).provider).toBe("bedrock")
  const { id } = await system.api.create({ message: "What do you see?" })
  const session = await follow(system.api, id)
  await session.when(() => isAnswered(session.events))
  await session.close()

  expect(server.faults).toEqual([])
  expect(server.requests.map((request) => request.model)).toEqual(Array(2).fill("eu.anthropic.claude-opus-5-5"))
  expect(server.authorization[0]).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIAOWNER\/\d+\/eu-west-1\/bedrock\//)
  expect(server.requests[1]?.messages.at(-1)?.content[0]?.content?.[0]?.text).toContain("none")
  expect((await system.api.get(id)).usage.cost.usd).toBeGreaterThan(0)
})
