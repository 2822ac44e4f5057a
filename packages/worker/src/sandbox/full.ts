import { SandboxManager } from "@anthropic-ai/sandbox-runtime"
import { homedir, networkInterfaces } from "node:os"
import { BlockList, isIP } from "node:net"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { guard } from "./bridge.ts"
import type { Settings } from "./protocol.ts"

/**
 * The real sandbox: bubblewrap on Linux, sandbox-exec on macOS, by @anthropic-ai/sandbox-runtime.
 *
 * What holds for commands in it:
 * - They write to the session's folders and, on Linux, to a /tmp of their own; nowhere else.
 * - They cannot read what `secrets` lists below the owner's home, nor other sessions and the rest of
 *   the system's state (`denied`). On Linux the owner's /tmp and /run are not there, either.
 * - They have their own processes: they see and signal none outside, and all end with the sandbox.
 * - They have their own network, whose only way out is a proxy in this process. It lets them reach
 *   the internet, but no address of this machine (loopback, its own addresses, link-local and cloud
 *   metadata), except the git gateway. Servers that they start are theirs, on their own loopback.
 *   With an allow-list it lets them reach the git gateway and the proxy that knows the list, no more.
 * - Unix sockets cannot be made, so none of the owner's can be reached.
 *
 * What does not:
 * - Files that are not on the lists can be read, such as other repositories of the owner.
 * - Other machines of the owner's network can be reached through the proxy. Whoever can read a file
 *   can send it anywhere: the sandbox protects this machine, not the repository's contents.
 * - Programs that ignore HTTP_PROXY have no network.
 * - As root on Linux, `ps` fails in it, because /proc counts processes as the outer layer does.
 * - On macOS commands share the machine's loopback only where they bind to it themselves.
 */
const secrets = [
  ".ssh",
  ".aws",
  ".azure",
  ".config/gcloud",
  ".config/gh",
  ".config/hub",
  ".config/op",
  ".config/git/credentials",
  ".config/remote-swe",
  ".git-credentials",
  ".netrc",
  ".npmrc",
  ".yarnrc.yml",
  ".pypirc",
  ".config/pip",
  ".pip",
  ".cargo/credentials",
  ".cargo/credentials.toml",
  ".gem/credentials",
  ".m2/settings.xml",
  ".gradle/gradle.properties",
  ".docker",
  ".kube",
  ".gnupg",
  ".password-store",
  ".local/share/keyrings",
  ".local/share/containers",
  ".mozilla",
  ".config/google-chrome",
  ".config/chromium",
  ".claude",
  ".claude.json",
  ".codex",
  ".anthropic",
  ".terraform.d",
  ".bash_history",
  ".zsh_history",
  ".python_history",
  ".node_repl_history",
  ".psql_history",
  ".pgpass",
  "Library/Keychains",
  "Library/Application Support",
]

/** Only on Linux, where a hidden folder becomes an empty one: elsewhere tools need these. */
const hiddenOnLinux = ["/tmp", "/run"]

/** Ports of this process's loopback that commands reach. */
const doors = new Set<number>()
/** Sandboxes whose commands reach nothing else. */
let closed = 0
let users = 0
let starting: Promise<() => void> | undefined

/** How to start a program in the sandbox, and what to do when the sandbox is closed. */
export interface Full {
  command: [string, ...string[]]
  release(): Promise<void>
}

/** What commands reach beside their own network: ports of this process, and the internet unless it is closed. */
export interface Ways {
  ports: readonly number[]
  closed: boolean
}

/** Whether the sandbox can run here: undefined, or what is missing. */
export function missing(): string | undefined {
  if (!SandboxManager.isSupportedPlatform()) return `There is no sandbox for ${process.platform}.`
  const { errors } = SandboxManager.checkDependencies()
  if (errors.length === 0) return undefined
  const how =
    process.platform === "linux"
      ? "Install bubblewrap, socat and ripgrep (Debian and Ubuntu: sudo apt-get install bubblewrap socat ripgrep; Fedora: sudo dnf install bubblewrap socat ripgrep)."
      : "Install ripgrep (brew install ripgrep)."
  return `${errors.join("; ")}. ${how}`
}

/**
 * Prepares the sandbox around `program`, whose words are ours and are quoted here. The proxy is one
 * for the process and lives while a sandbox is open.
 */
export async function prepare(settings: Settings, program: readonly string[], ways: Ways): Promise<Full> {
  const config = {
    network: { allowedDomains: [], deniedDomains: [] },
    filesystem: { denyRead: [], allowWrite: [], denyWrite: [] },
  }
  users++
  if (users === 1)
    starting = SandboxManager.initialize(config, async ({ host, port }) => allowed(host, port)).then(() =>
      guard(SandboxManager.getLinuxHttpSocketPath()),
    )
  if (ways.closed) closed++
  for (const port of ways.ports) doors.add(port)

  async function release() {
    if (ways.closed) closed--
    for (const port of ways.ports) doors.delete(port)
    SandboxManager.cleanupAfterCommand()
    users--
    if (users > 0) return
    const unguard = await starting?.catch(() => undefined)
    await SandboxManager.reset()
    unguard?.()
  }

  const command = await wrap(settings, program).catch(async (error: unknown) => {
    await release()
    throw error
  })
  return { command, release }
}

async function wrap(settings: Settings, program: readonly string[]): Promise<Full["command"]> {
  await starting
  const linux = process.platform === "linux"
  const sockets = [SandboxManager.getLinuxHttpSocketPath(), SandboxManager.getLinuxSocksSocketPath()]
  const literal = (path: string) => ({ path, literal: true }) as const
  const home = secrets.map((path) => join(homedir(), path))
  const own = [
    fileURLToPath(new URL("../../../..", import.meta.url)),
    process.execPath,
    dirname(program.at(-1) ?? ""),
    ...sockets,
  ]
  const { argv } = await SandboxManager.wrapWithSandboxArgv(
    program.map(quote).join(" "),
    "bash",
    {
      filesystem: {
        denyRead: [...home, ...settings.denied, ...(linux ? hiddenOnLinux : [])].map(literal),
        // The last matter where this installation lies in a folder that is hidden.
        allowRead: [...settings.writable, ...own.filter((path) => path !== undefined)].map(literal),
        allowWrite: settings.writable.map(literal),
        denyWrite: [],
        allowGitConfig: true,
      },
    },
    undefined,
    undefined,
    // Otherwise the whole command line would stand, encoded, in every proxy variable.
    { commandId: settings.mark.name },
  )
  const [file, ...args] = argv
  if (!file) throw new Error("The sandbox gave no command")
  return [file, ...args]
}

/** What to tell the owner of a machine where the sandbox does not start. */
export function refusal(error: Error) {
  const said = error.message.trim().split("\n").at(-1) ?? ""
  return `The sandbox cannot run here (${said}). On Ubuntu 24.04 and later, unprivileged user namespaces may have to be allowed: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0. In a container, it must be allowed to make user namespaces.`
}

/** Names are resolved and checked again by the proxy before it connects; this is about what was asked for. */
export function allowed(host: string, port: number | undefined) {
  const name = canonical(host)
  if (name === undefined) return false
  if (name === "127.0.0.1" && port !== undefined && doors.has(port)) return true
  // One process works on one session; where it has more, as in tests, the narrowest holds for all.
  if (closed > 0) return false
  if (name === "localhost" || name.endsWith(".localhost")) return false
  const family = isIP(name)
  if (family === 0) return true
  return !local().check(name, family === 6 ? "ipv6" : "ipv4")
}

/** `127.1`, `0x7f000001` and `[::ffff:7f00:1]` are all the same place. */
function canonical(host: string) {
  const bare = host.replace(/\.$/, "")
  const text = isIP(bare) === 6 ? `[${bare}]` : bare
  const url = URL.parse(`http://${text}/`)
  if (!url || url.username || url.pathname !== "/" || url.port) return undefined
  const name = url.hostname.replace(/^\[|\]$/g, "").toLowerCase()
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(name)
  if (!mapped) return name
  const [high = 0, low = 0] = mapped.slice(1).map((part) => Number.parseInt(part, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join(".")
}

function local() {
  const list = new BlockList()
  list.addSubnet("127.0.0.0", 8, "ipv4")
  list.addSubnet("0.0.0.0", 8, "ipv4")
  list.addSubnet("169.254.0.0", 16, "ipv4")
  list.addSubnet("224.0.0.0", 3, "ipv4")
  // Cloud metadata outside link-local: Alibaba, Azure, Oracle.
  for (const address of ["100.100.100.200", "168.63.129.16", "192.0.0.192"]) list.addAddress(address, "ipv4")
  list.addAddress("::", "ipv6")
  list.addAddress("::1", "ipv6")
  list.addSubnet("fe80::", 10, "ipv6")
  list.addSubnet("ff00::", 8, "ipv6")
  list.addSubnet("fd00:ec2::", 32, "ipv6")
  // Other ways to write IPv4 addresses: compatible, translated and 6to4.
  list.addSubnet("::", 96, "ipv6")
  list.addSubnet("64:ff9b::", 96, "ipv6")
  list.addSubnet("2002::", 16, "ipv6")
  for (const item of Object.values(networkInterfaces()).flat()) {
    if (item) list.addAddress(item.address, item.family === "IPv6" ? "ipv6" : "ipv4")
  }
  return list
}

/** One word for a POSIX shell. */
function quote(word: string) {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
