import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { lacking } from "./util.ts"
import { type Counter, open, place, user, type World } from "./world.ts"

const skipped = lacking("firewall", ["ip", "nft", "socat", "ping", "setpriv", "sysctl"], true)

const { metadata4, metadata6, resolver4, resolver6, outside4, outside6 } = place
const tcp = (address: string, port = 80) =>
  address.includes(":") ? `TCP6:[${address}]:${port}` : `TCP4:${address}:${port}`
const udp = (address: string, port = 80) =>
  address.includes(":") ? `UDP6:[${address}]:${port}` : `UDP4:${address}:${port}`

describe.skipIf(skipped)("the firewall", () => {
  let world: World

  beforeAll(async () => {
    world = await open()
    await world.world()
    await world.own("3000", "53")
  })
  afterAll(() => world.close())

  async function refused(uid: number, address: string, reason: Counter) {
    const before = await world.counts()
    const { stdout } = await world.ask(uid, address)
    const after = await world.counts()
    expect(stdout, `${uid} heard an answer from ${address}`).toBe("")
    const rose = (Object.keys(after) as Counter[]).filter((name) => after[name] > before[name])
    expect(rose, `what was counted of ${uid} to ${address}`).toEqual([reason])
  }

  async function reached(uid: number, address: string) {
    const { stdout, stderr } = await world.ask(uid, address)
    expect(stdout, `${uid} to ${address}: ${stderr}`).toBe("heard\n")
  }

  const metadata = [tcp(metadata4), tcp(metadata6), udp(metadata4), udp(metadata6), tcp(`::ffff:${metadata4}`)]
  const outside = [tcp(outside4), tcp(outside6), udp(outside4), udp(outside6)]
  const resolvers = [udp(resolver4, 53), udp(resolver6, 53), tcp(resolver4, 53), tcp(resolver6, 53)]
  const agents = [user.agent, user.contained]

  test("without rules everybody is reached: the world of these tests is sound", async () => {
    for (const address of [...metadata, ...outside, ...resolvers]) await reached(user.agent, address)
  })

  describe.each(["base", "open"] as const)("with %s rules", (mode) => {
    beforeEach(async () => {
      await world.rules("base")
      if (mode === "open") await world.rules("open")
    })

    test("the daemon and root reach the metadata address, resolvers and hosts elsewhere", async () => {
      for (const uid of [0, user.daemon])
        for (const address of [...metadata, ...outside, ...resolvers]) await reached(uid, address)
    })

    test("the agent reaches the metadata address in no way, also as who it is in a container", async () => {
      for (const uid of agents) for (const address of metadata) await refused(uid, address, "metadata")
    })

    test("a refusal is an answer: nothing waits for a time limit", async () => {
      const { stderr } = await world.ask(user.agent, tcp(metadata4))
      expect(stderr).toMatch(/Connection refused/)
    })

    test("the agent's own servers are reached by the agent and the daemon", async () => {
      for (const uid of [...agents, user.daemon])
        for (const address of [tcp("127.0.0.1", 3000), tcp("::1", 3000), udp("127.0.0.1", 3000), tcp("10.0.0.2", 3000)])
          await reached(uid, address)
    })

    test("nobody outside reaches a server on the machine", async () => {
      expect((await world.outside(`${tcp("10.0.0.2", 3000)},connect-timeout=1`)).stdout).toBe("")
      expect((await world.outside(udp("2001:db8::2", 3000))).stdout).toBe("")
    })

    test("the agent has no raw sockets, also not in a user namespace of its own", async () => {
      const packet = `IP4-SENDTO:${metadata4}:17`
      expect((await world.ask(user.agent, packet)).stderr).toMatch(/Operation not permitted/)
      const inside = await world.as(user.agent, "unshare", "-Ur", "socat", "-u", "/dev/null", packet)
      expect(inside.stderr).toMatch(/not permitted/)
      const link = await world.as(user.agent, "unshare", "-Ur", "socat", "-u", "/dev/null", "INTERFACE:eth0")
      expect(link.stderr).toMatch(/not permitted/)
    })

    test("the agent cannot change the rules, also not in a user namespace of its own", async () => {
      const plain = await world.as(user.agent, "nft", "flush", "ruleset")
      expect(plain.code).not.toBe(0)
      const inside = await world.as(user.agent, "unshare", "-Ur", "nft", "flush", "ruleset")
      expect(inside.code).not.toBe(0)
      await refused(user.agent, tcp(metadata4), "metadata")
    })
  })

  describe("with an allow-list", () => {
    beforeEach(() => world.rules("base"))

    test("the agent reaches no host by TCP, UDP, IPv4 or IPv6, whatever the port", async () => {
      for (const uid of agents)
        for (const address of outside) await refused(uid, address, address.startsWith("TCP") ? "tcp" : "udp")
    })

    test("the agent asks no resolver, neither the provider's, nor one elsewhere, nor the machine's", async () => {
      for (const uid of agents) {
        for (const address of [udp(resolver4, 53), udp(resolver6, 53), tcp(resolver4, 53)])
          await refused(uid, address, "metadata")
        for (const address of [udp(outside4, 53), udp(outside6, 53), tcp(outside4, 53), tcp(outside6, 53)])
          await refused(uid, address, "dns")
        for (const address of [udp("127.0.0.1", 53), tcp("127.0.0.1", 53), udp("::1", 53), udp("10.0.0.2", 53)])
          await refused(uid, address, "resolver")
      }
      await reached(user.daemon, udp("127.0.0.1", 53))
    })

    test("the agent pings nobody; the daemon does", async () => {
      for (const address of [outside4, outside6, metadata4]) {
        const before = await world.counts()
        expect((await world.ping(user.agent, address)).code).not.toBe(0)
        const after = await world.counts()
        const reason = address === metadata4 ? "metadata" : "icmp"
        expect(after[reason]).toBeGreaterThan(before[reason])
        expect((await world.ping(user.daemon, address)).code).toBe(0)
      }
    })

    test("the agent does not pass for the daemon by using its port again", async () => {
      await reached(user.daemon, `${udp(resolver4, 53)},bind=:40053`)
      await refused(user.agent, `${udp(resolver4, 53)},bind=:40053`, "metadata")
      await reached(user.daemon, `${udp(outside4, 53)},bind=:40054`)
      await refused(user.agent, `${udp(outside4, 53)},bind=:40054`, "dns")
    })

    test("multicast and broadcast are refused as well", async () => {
      await refused(user.agent, "UDP4-DATAGRAM:224.0.0.251:5353", "dns")
      await refused(user.agent, "UDP4-DATAGRAM:239.1.2.3:4000", "udp")
      await refused(user.agent, "UDP4-DATAGRAM:10.0.0.255:4000,broadcast", "udp")
    })
  })

  describe("without an allow-list", () => {
    beforeEach(async () => {
      await world.rules("base")
      await world.rules("open")
    })

    test("the agent reaches hosts elsewhere, and resolvers with questions only", async () => {
      for (const uid of agents) for (const address of [...outside, ...resolvers]) await reached(uid, address)
      for (const address of [tcp(resolver4), udp(resolver6), tcp("169.254.1.1")])
        await refused(user.agent, address, "metadata")
      expect((await world.ping(user.agent, outside4)).code).toBe(0)
    })

    test("closing again, when the machine's rules are loaded once more, cuts the agent off", async () => {
      await reached(user.agent, tcp(outside4))
      await world.rules("base")
      await refused(user.agent, tcp(outside4), "tcp")
    })
  })
})
