import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { handler } from "../../src/remove/handler.ts"

/** Whoever asks EC2 or Image Builder for anything is heard, and refused. */
const asked: string[] = []
const server = createServer((request, response) => {
  asked.push(request.url ?? "")
  response.writeHead(403).end()
})

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const name of ["EC2", "IMAGEBUILDER"]) process.env[`AWS_ENDPOINT_URL_${name}`] = url
})
afterAll(() => server.close())
beforeEach(() => void asked.splice(0))

test.each(["create", "update"])(
  "when a stage is made or changed (%s), nothing is asked and nothing is taken away",
  async (action) => {
    expect(await handler({ tf: { action, prev_input: null } })).toEqual({ action })
    expect(asked).toEqual([])
  },
)

test("when a stage is removed, its things are looked for", async () => {
  await expect(handler({ tf: { action: "delete", prev_input: {} } })).rejects.toThrow()
  expect(asked).not.toEqual([])
})

test.each([{}, { tf: {} }, { tf: { action: "destroy" } }, undefined])(
  "what says something else is refused (%j)",
  async (event) => {
    await expect(handler(event)).rejects.toThrow()
    expect(asked).toEqual([])
  },
)
