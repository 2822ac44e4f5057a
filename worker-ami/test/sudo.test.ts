import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { cannotBoot, serve, type Served } from "./machine.ts"
import { make, type Root } from "./root.ts"

/** A machine whose settings let commands become root. That others' don't is in machine.test.ts. */

const skipped = cannotBoot()

const metadata = "curl -sS -m 3 -o /dev/null -w '%{http_code}' -X PUT http://169.254.169.254/latest/api/token 2>&1"
const calls = Object.entries({
  who: "id -un; sudo -n id -u",
  system: "sudo touch /usr/x /etc/x && sudo dpkg --configure -a && echo written",
  network: `${metadata}; echo; sudo ${metadata}; echo; sudo nft list tables`,
  daemon:
    "sudo grep -c ^REMOTE_SWE_ /run/remote-swe/worker.env; sudo ls /proc/$(sudo pgrep -u swe-daemon -f index.mjs)/fd | wc -l",
}).map(([id, command]) => ({ id, name: "bash", input: { command } }))

describe.skipIf(skipped)("a machine that was told to let commands become root", () => {
  let root: Root
  let served: Served

  beforeAll(async () => {
    root = await make()
    served = await serve(root, { settings: { WORKER_SUDO: "true" }, tasks: [{ message: "Look around", calls }] })
  })
  afterAll(() => root.remove())

  test("lets them do what root does, and still starts them as the session's user", () => {
    expect(served.result("who")).toBe("swe-agent\n0")
    expect(served.result("system")).toBe("written")
    expect(served.outcomes()).toEqual(["done"])
  })

  test("keeps nothing from them any more, as is written in docs/machines.md", () => {
    const [agent, , sudo, tables] = served.result("network").split(/\n(?=\d{3}$|table)/m)
    expect(agent).toMatch(/^curl: \(7\)/)
    expect(sudo).toBe("200")
    expect(tables).toContain("table inet remote_swe")
    expect(served.result("daemon")).toMatch(/^[1-9]\d*\n[1-9]\d*$/)
  })

  test("says so in the machine's log", () => {
    expect(JSON.stringify(served.logs)).toContain("Commands may become root")
  })
})
