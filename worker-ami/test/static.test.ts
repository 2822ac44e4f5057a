import { glob, readFile } from "node:fs/promises"
import path from "node:path"
import { describe, expect, test } from "vitest"
import { folder, lacking, run } from "./util.ts"

const unchecked = lacking("shellcheck", ["shellcheck"], false)

describe("what is put on a machine", () => {
  test.skipIf(unchecked)("scripts have nothing for shellcheck to say", async () => {
    const scripts = await Array.fromAsync(glob(`${folder}/{install.sh,lib/*.sh}`))
    expect(scripts.length).toBeGreaterThan(2)
    expect((await run(["shellcheck", ...scripts])).stdout).toBe("")
  })

  test("tools are exact versions, each with the checksum of both architectures", async () => {
    const text = await readFile(path.join(folder, "conf/tools.txt"), "utf8")
    const tools = text
      .replaceAll("\\\n", "")
      .split("\n")
      .filter((line) => line && !line.startsWith("#"))
    expect(tools.length).toBeGreaterThan(0)
    for (const tool of tools) expect(tool).toMatch(/^[\w-]+==[\d.]+( +--hash=sha256:[0-9a-f]{64}){2}$/)
  })

  test("the firewall's line between the machine's users and others is the one of the users' ids", async () => {
    const users = await readFile(path.join(folder, "conf/sysusers.conf"), "utf8")
    const ids = Object.fromEntries(Array.from(users.matchAll(/^u (\S+) (\d+)/gm), ([, name, id]) => [name, Number(id)]))
    expect(ids).toEqual({ "swe-daemon": 910, "swe-log": 911, "swe-agent": 2000 })
    const rules = await readFile(path.join(folder, "nftables/base.nft"), "utf8")
    expect(rules).toContain("meta skuid 0-999 accept")
    expect(rules).toContain("meta skuid 1000-4294967295 goto untrusted")
  })
})
