import { createSocket } from "node:dgram"
import { once } from "node:events"
import { execFileSync } from "node:child_process"
import { describe, expect, it, onTestFinished } from "vitest"
import { allowed } from "../../src/sandbox/full.ts"
import { ofCall } from "../../src/sandbox/call.ts"
import { host, internet, open as openEgress } from "../egress/world.ts"
import { kinds, never, open, patient, sh, type Kind } from "./world.ts"

const programs = ["curl", "wget", "git", "python3", "socat"].filter((name) => {
  try {
    return execFileSync("which", [name], { encoding: "utf8" }) !== ""
  } catch {
    return false
  }
})

/** A sandbox whose commands reach `a.example` and `*.c.example`, and two hosts that are there. */
async function world(kind: Kind) {
  const { port, connections } = await host((_, response) => response.end("out there\n"))
  const names = { "a.example": ["127.0.0.1"], "b.example": ["127.0.0.1"], "x.c.example": ["127.0.0.1"] }
  const { egress, refusals } = await openEgress(internet(names).way, [`a.example:${port}`, `*.c.example:${port}`])
  const sandbox = await open(kind, { egress })
  return { sandbox, port, connections, egress, refusals }
}

describe.each(kinds)("commands that are kept to a list, sandbox %s", (kind) => {
  it("reach the hosts on it, and hear why of others", async () => {
    const { sandbox, port, refusals } = await world(kind)
    expect(await sh(sandbox, `curl -s http://a.example:${port}/`)).toBe("out there\n")
    expect(await sh(sandbox, `curl -sp http://x.c.example:${port}/`)).toBe("out there\n")
    expect(refusals).toEqual([])
    expect(await sh(sandbox, `curl -s http://b.example:${port}/`)).toMatch(
      /^b\.example:\d+ is not on the list of hosts/,
    )
    expect(await sh(sandbox, `curl -sSp http://b.example:${port}/`)).toMatch(/403/)
    expect(refusals.map((item) => [item.host, item.why, item.scripts])).toEqual([
      ["b.example", "domain", [`curl -s http://b.example:${port}/`]],
      ["b.example", "domain", [`curl -sSp http://b.example:${port}/`]],
    ])
  })

  it.each([
    ["curl", "curl -s $url"],
    ["curl", "https_proxy= HTTPS_PROXY= all_proxy= ALL_PROXY= curl -s $url"],
    ["wget", "wget -qO- $url"],
    [
      "git",
      "git ls-remote $url 2>&1 | grep -o 'not valid\\|not found\\|protocol error\\|unexpected' && echo out there",
    ],
    ["python3", "python3 -c 'import sys,urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())' $url"],
    ["node", "node -e 'fetch(process.argv[1]).then((r) => r.text()).then(console.log)' $url"],
  ])("reach them with %s: %s", async (program, script) => {
    if (program !== "node" && !programs.includes(program)) return
    const { sandbox, port } = await world(kind)
    expect(await sh(sandbox, script.replace("$url", `http://a.example:${port}/`))).toContain("out there")
  })

  it("reach none by its address, in whatever notation, nor this machine", async () => {
    const { sandbox, port, refusals, connections } = await world(kind)
    for (const name of ["127.0.0.2", "0x7f.2", "2130706434", "[::ffff:127.0.0.2]", "10.1.2.3", "169.254.169.254"])
      expect(await sh(sandbox, `curl -s -m 10 --noproxy '' http://${name}:${port}/`)).toMatch(/no public address/)
    expect([refusals.length, connections.size]).toEqual([6, 0])
    expect(refusals.every(({ why }) => why === "address")).toBe(true)
  })

  it("are told apart when they run side by side, jobs and programs of ours too", async () => {
    const { sandbox, port, egress } = await world(kind)
    const seen: unknown[] = []
    egress.listen(({ host, commands }) => seen.push([host, commands.map(({ callID, jobID }) => callID ?? jobID)]))
    const ask = (name: string) => `curl -s http://${name}.example:${port}/`
    const call = (id: string) => ofCall(sandbox, id)
    await Promise.all([
      call("call_1").exec({ script: `${ask("one")}; ${ask("one")}`, ...patient }, never),
      call("call_2").exec({ script: ask("two"), ...patient }, never),
      call("call_3").run({ args: ["curl", "-s", `http://three.example:${port}/`] }),
    ])
    const job = await call("call_4").start({ script: `${ask("four")} > "$TMPDIR/answer"; touch "$TMPDIR/done"` })
    await sh(sandbox, 'until [ -e "$TMPDIR/done" ]; do sleep 0.05; done')
    expect(await sh(sandbox, 'cat "$TMPDIR/answer"')).toContain("four.example")
    expect(seen.toSorted()).toEqual([
      ["four.example", ["call_4"]],
      ["one.example", ["call_1"]],
      ["one.example", ["call_1"]],
      ["three.example", ["call_3"]],
      ["two.example", ["call_2"]],
    ])
    expect(job.id).toBe("job_1")
  })

  it("have no other proxy in their environment, and no two the same", async () => {
    const { sandbox } = await world(kind)
    const look = () => sh(sandbox, "env | grep -i '^[^=]*proxy' | LC_ALL=C sort")
    const [first, second] = [await look(), await look()]
    const lines = first.trim().split("\n")
    const own = /^[^=]+=http:\/\/(command-\d+:[\w-]{24})@127\.0\.0\.1:\d+$/
    expect(lines.map((line) => (own.test(line) ? line.split("=")[0] : line))).toEqual([
      ...["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NODE_USE_ENV_PROXY=1", "NO_PROXY=localhost,127.0.0.1,::1"],
      ...["all_proxy", "http_proxy", "https_proxy", "no_proxy=localhost,127.0.0.1,::1"],
    ])
    const secrets = [first, second].map((text) => [...new Set(text.match(/command-\d+:[\w-]+/g))])
    expect(secrets.map((found) => found.length)).toEqual([1, 1])
    expect(secrets[0]).not.toEqual(secrets[1])
  })

  it("reach what they may reach from when it is allowed", async () => {
    const { sandbox, port, egress } = await world(kind)
    const ask = () => sh(sandbox, `curl -s http://b.example:${port}/`)
    expect(await ask()).toContain("not on the list")
    egress.allow([`b.example:${port}`])
    expect(await ask()).toBe("out there\n")
  })
})

const full = kinds.filter((kind) => kind === "full")

describe.each(full)("commands that are kept to a list, sandbox %s, and look for a way around", (kind) => {
  it("find none: by address, IPv6, UDP, DNS, a raw socket, or the sandbox's own proxy", async () => {
    const { sandbox, port, connections } = await world(kind)
    const udp = createSocket("udp4")
    const heard: string[] = []
    udp.on("message", (bytes) => heard.push(bytes.toString()))
    udp.bind(0, "0.0.0.0")
    await once(udp, "listening")
    onTestFinished(() => void udp.close())
    const bare = "env -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY -u http_proxy -u https_proxy -u all_proxy"
    const node = (code: string) => `${bare} node -e '${code}' 2>&1`
    const attempts = [
      `${bare} curl -sS -m 5 http://a.example:${port}/ 2>&1`,
      `${bare} curl -sS -m 5 http://127.0.0.1:${port}/ 2>&1`,
      `${bare} curl -sS -m 5 'http://[::1]:${port}/' 2>&1`,
      `${bare} curl -sS -m 5 http://198.51.100.1/ 2>&1`,
      `${bare} curl -sS -m 5 'http://[2606:4700::1111]/' 2>&1`,
      `echo stolen > /dev/udp/127.0.0.1/${udp.address().port}`,
      node(`require("dns").promises.resolve4("example.com").then(console.log, (e) => console.log(e.code))`),
      `printf stolen | socat - IP4-SENDTO:127.0.0.1:17 2>&1`,
      `curl -sS -m 5 -x http://localhost:3128 http://a.example:${port}/ 2>&1`,
      `curl -sS -m 5 -p -x http://localhost:3128 http://a.example:${port}/ 2>&1`,
      `curl -sS -m 5 -p -x http://localhost:3128 http://127.0.0.1:${port}/ 2>&1`,
    ]
    for (const script of attempts) expect([script, await sh(sandbox, script)]).not.toContain("out there\n")
    expect([heard, connections.size]).toEqual([[], 0])
  })

  it("have the git gateway, and with it nothing of this machine", async () => {
    const { port } = await host((_, response) => response.end("gateway\n"))
    const other = await host((_, response) => response.end("owner's service\n"))
    const { egress } = await openEgress(internet({}).way, [])
    const sandbox = await open(kind, { egress, gatewayPort: port })
    expect(await sh(sandbox, `curl -s -m 10 http://127.0.0.1:${port}/`)).toBe("gateway\n")
    expect(await sh(sandbox, `curl -s -m 5 http://127.0.0.1:${other.port}/`)).toBe("")
    expect([allowed("127.0.0.1", egress.port), allowed("example.com", 443)]).toEqual([true, false])
    await sandbox.close()
    expect([allowed("127.0.0.1", egress.port), allowed("example.com", 443)]).toEqual([false, true])
  })
})

it("says where the list is not enforced", async () => {
  const { egress } = await openEgress(internet({}).way, [])
  const sandbox = await open("none", { egress })
  expect(sandbox.warning).toMatch(/EGRESS_ALLOWED_DOMAINS\) is not enforced/)
})
