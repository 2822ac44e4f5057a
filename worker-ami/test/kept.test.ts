import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { cannotBoot, isVm, serve, type Served } from "./machine.ts"
import { make, type Root } from "./root.ts"
import { place } from "./world.ts"

/** A booted machine whose settings have an allow-list. */

const skipped = cannotBoot()

const bash = (id: string, command: string) => ({ id, name: "bash", input: { command } })
const asked = "curl -sS -m 5 http://other.example/"
const direct = `curl -sS -m 5 --noproxy '*' http://${place.outside4}:80/`

describe.skipIf(skipped)("a machine with an allow-list", () => {
  let root: Root
  let served: Served

  beforeAll(async () => {
    root = await make()
    served = await serve(root, {
      settings: { EGRESS_ALLOWED_DOMAINS: "*.allowed.example" },
      tasks: [
        {
          message: "Go out",
          calls: [
            bash("asked", `${asked} 2>&1`),
            bash("direct", `${direct} 2>&1; echo code $?`),
            bash("name", "getent hosts allowed.example; echo code $?"),
          ],
        },
      ],
    })
  })
  afterAll(() => root.remove())

  test("works: the worker itself is not kept from its control plane", () => {
    expect(served.outcomes()).toEqual(["done"])
    expect(served.of("left")).toMatchObject([{ reason: "idle" }])
  })

  test("refuses what is not on the list, and says so to the model", () => {
    expect(served.result("asked")).toContain("other.example:80 is not on the list")
    expect(served.result("direct")).toMatch(/code [1-9]/)
    expect(served.result("name")).toMatch(/^code [1-9]/)
  })

  test("tells people which host and which command it was", ({ skip }) => {
    const denials = served.of("denial")
    expect(denials).toMatchObject([{ host: "other.example", port: 80, why: "domain" }, ...denials.slice(1)])
    expect(JSON.stringify(denials[0])).toContain(asked)
    if (!isVm) return skip("in a container the kernel's messages are the machine's around it")
    expect(denials).toContainEqual(expect.objectContaining({ host: place.outside4, why: "direct" }))
  })
})
