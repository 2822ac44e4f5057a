import { dirname } from "node:path"
import { expect, it } from "vitest"
import { git, never, origin, sh, world } from "../sandbox/world.ts"
import { account, allowPush, serve } from "./server.ts"

/** A server that needs to be asked `late` times before it knows a token. */
async function session(late: number, expiresAt: number | undefined) {
  const bare = origin({ "a.txt": "1\n" }, "shop")
  allowPush(bare)
  const count = { asked: 0 }
  const server = await serve(dirname(bare), () => ++count.asked > late)
  const made = await world({ credential: async () => ({ ...account, expiresAt }), lagMs: [1, 1, 1] })
  return { ...made, bare, count, clone: () => made.workspace.clone(`${server.url}/shop.git`, never) }
}

it("shows a new token again to a server that hasn't heard of it", async () => {
  const { clone, sandbox, bare, gateway, count } = await session(3, Date.now() + 3_600_000)
  await clone()
  count.asked = 0
  await sh(sandbox, "git commit -q --allow-empty -m Two && git push -q", "shop")
  expect(git(bare, "log", "-1", "--format=%s", gateway.branch).trim()).toBe("Two")
})

it("gives up after a while, and at once with one that isn't new", async () => {
  const patient = await session(100, Date.now() + 3_600_000)
  await expect(patient.clone()).rejects.toThrow("HTTP 401")
  expect(patient.count.asked).toBe(4)
  const plain = await session(1, undefined)
  await expect(plain.clone()).rejects.toThrow("HTTP 401")
  expect(plain.count.asked).toBe(1)
})
