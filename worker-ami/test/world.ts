import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { folder, must, run } from "./util.ts"

/**
 * Two network namespaces, joined by one cable: a machine with the real rules, and the world, which has
 * the metadata address, the provider's resolver and a host elsewhere, by IPv4 and IPv6. A shell that
 * waits for the end of this process takes both away, however it ends.
 */
export const place = {
  metadata4: "169.254.169.254",
  metadata6: "fd00:ec2::254",
  resolver4: "169.254.169.253",
  resolver6: "fd00:ec2::253",
  outside4: "203.0.113.10",
  outside6: "2001:db8:1::10",
  /** Addresses as hosts of the internet have them: all others are of special purpose. */
  public4: "20.0.113.10",
  public6: "2600:db8::10",
} as const

/** As install.sh makes them; `contained` is who the agent becomes in a container. */
export const user = { daemon: 910, agent: 2000, contained: 100_050 } as const

const counters = ["metadata", "resolver", "dns", "tcp", "udp", "icmp", "other", "ownerless"] as const
export type Counter = (typeof counters)[number]

export async function open() {
  const machine = `swe-machine-${process.pid}`
  const world = `swe-world-${process.pid}`
  const guard = spawn(
    "/bin/sh",
    ["-c", `read -r _; ip netns del ${machine}; ip netns del ${world}; rm -rf /etc/netns/${machine}`],
    {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    },
  )
  const servers: ChildProcess[] = []
  // Its copy has no rights of its own, as on a worker's machine.
  const temporary = await mkdtemp(path.join(os.tmpdir(), "swe-world-"))
  const ping = path.join(temporary, "ping")
  await chmod(temporary, 0o755)
  await copyFile((await must("sh", "-c", "command -v ping")).trim(), ping)
  // What `ip netns exec` shows in place of the machine's own.
  await mkdir(`/etc/netns/${machine}`, { recursive: true })
  await writeFile(`/etc/netns/${machine}/resolv.conf`, `nameserver ${place.resolver4}\noptions timeout:1 attempts:1\n`)
  await must("ip", "netns", "add", machine)
  await must("ip", "netns", "add", world)
  await must("ip", "-n", machine, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", world)
  for (const name of [machine, world]) {
    await must("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0")
    await must("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
    await must("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.eth0.accept_dad=0")
    await must("ip", "-n", name, "link", "set", "lo", "up")
    await must("ip", "-n", name, "link", "set", "eth0", "up")
  }
  await must("ip", "-n", machine, "address", "add", "10.0.0.2/24", "dev", "eth0")
  await must("ip", "-n", machine, "address", "add", "2001:db8::2/64", "dev", "eth0")
  await must("ip", "-n", world, "address", "add", "10.0.0.1/24", "dev", "eth0")
  await must("ip", "-n", world, "address", "add", "2001:db8::1/64", "dev", "eth0")
  for (const address of Object.values(place)) await must("ip", "-n", world, "address", "add", address, "dev", "lo")
  await must("ip", "-n", machine, "route", "add", "default", "via", "10.0.0.1")
  await must("ip", "-n", machine, "route", "add", "default", "via", "2001:db8::1")
  await must("ip", "netns", "exec", machine, "sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647")

  function start(name: string, program: string, ...args: readonly string[]) {
    const file = fileURLToPath(new URL(`./${program}.ts`, import.meta.url))
    const words = ["netns", "exec", name, process.execPath, "--disable-warning=ExperimentalWarning", file, ...args]
    const server = spawn("ip", words, { stdio: ["pipe", "pipe", "inherit"] })
    servers.push(server)
    return server
  }
  async function serve(name: string, addresses: readonly string[], ports: readonly string[]) {
    const listen = addresses.flatMap((address) => ports.flatMap((port) => [address, port]))
    await once(createInterface(start(name, "echo", ...listen).stdout), "line")
  }
  const nft = (...args: string[]) => must("ip", "netns", "exec", machine, "nft", ...args)

  return {
    /** Everybody out there answers on 53 and 80, by TCP and UDP. */
    world: () => serve(world, Object.values(place), ["53", "80"]),
    /** The provider's resolver knows these names, and at their addresses the web answers. */
    async internet(names: Record<string, string[]>) {
      await once(createInterface(start(world, "internet", place.resolver4, JSON.stringify(names)).stdout), "line")
    },
    /** A program of ours on the machine, as root. */
    start: (program: string, ...args: readonly string[]) => start(machine, program, ...args),
    /** Puts another cable in the place of the one to the machine: a virtual machine's. */
    async plug(name: string) {
      await must("ip", "-n", world, "link", "del", "eth0")
      await must("ip", "-n", world, "tuntap", "add", name, "mode", "tap")
      await must("ip", "-n", world, "address", "add", "10.0.0.1/24", "dev", name)
      await must("ip", "-n", world, "link", "set", name, "up")
    },
    /** The words that start a program out there. */
    outsideOf: ["nsenter", `--net=/run/netns/${world}`],
    /** The words that start a program in the machine's network. */
    inside: ["nsenter", `--net=/run/netns/${machine}`],
    /** A server of the machine's own. */
    own: (...ports: string[]) => serve(machine, ["127.0.0.1", "::1", "10.0.0.2", "2001:db8::2"], ports),
    rules: (name: "base" | "open") => nft("-f", `${folder}/nftables/${name}.nft`),
    /** What one user says with `socat`, and hears. */
    ask: (uid: number, address: string, input = "hello\n") => as(machine, uid, speak(address, input)),
    /** What somebody out there says to the machine, and hears. */
    outside: (address: string) => as(world, 0, speak(address, "hello\n")),
    ping: (uid: number, address: string) => as(machine, uid, [ping, "-c", "1", "-W", "2", address]),
    as: (uid: number, ...args: string[]) => as(machine, uid, args),
    /** How many packets each reason for a refusal has had. */
    async counts() {
      const { nftables } = JSON.parse(await nft("-j", "list", "counters")) as { nftables: Listed[] }
      const found = nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets] as const] : []))
      const packets = Object.fromEntries(found)
      return Object.fromEntries(counters.map((name) => [name, packets[`refused_${name}`] ?? 0])) as Record<
        Counter,
        number
      >
    },
    async close() {
      for (const server of servers) {
        server.stdin?.end()
        if (server.exitCode === null) await once(server, "exit")
      }
      await rm(temporary, { recursive: true })
      guard.stdin.end()
      await once(guard, "exit")
    },
  }
}

export type World = Awaited<ReturnType<typeof open>>

interface Listed {
  counter?: { name: string; packets: number }
}

const speak = (address: string, input: string) => [
  "sh",
  "-c",
  `printf '%s' "$1" | timeout 5 socat -t 0.5 -T 2 - "$2"`,
  "sh",
  input,
  address,
]

function as(namespace: string, uid: number, args: readonly string[]) {
  const who = [
    "setpriv",
    `--reuid=${uid}`,
    `--regid=${uid}`,
    "--clear-groups",
    "--bounding-set=-all",
    "--inh-caps=-all",
  ]
  return run(["ip", "netns", "exec", namespace, ...who, ...args], { timeout: 10_000 })
}
