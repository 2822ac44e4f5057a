import { type ChildProcess, spawn } from "node:child_process"
import { randomInt } from "node:crypto"
import { once } from "node:events"
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { mkdtemp } from "node:fs/promises"
import { createServer, type Server, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/**
 * Plays what systemd does on a machine: for each connection to one socket it starts a host with the environment
 * of the unit, and ends all that host started when it is gone; a connection to the other ends all hosts at
 * once. What a control group does there, a limit does here that children cannot lose.
 */

const source = fileURLToPath(new URL("../../src/sandbox/host.ts", import.meta.url))
const list = new URL("../../../../worker-ami/conf/host.env", import.meta.url)

/** `program` is the host's; its source by default. */
export async function start(dir: string, program = source) {
  for (const name of ["workspace", "home", "tmp", "output"]) mkdirSync(join(dir, name), { recursive: true })
  // The path of a socket has to be short.
  const place = await mkdtemp(join(tmpdir(), "units-"))
  const hosts = new Set<{ child: ChildProcess; gone: Promise<void> }>()

  function host(socket: Socket) {
    const queue = randomInt(1_000, 299_000)
    const words = ["-c", 'ulimit -q "$0"; exec "$@"', String(queue), process.execPath, program]
    const child = spawn("/bin/bash", words, {
      cwd: join(dir, "workspace"),
      env: environment(dir),
      stdio: [socket, socket, "inherit"],
      detached: true,
    })
    const gone = once(child, "exit").then(() => clear(queue))
    const item = { child, gone }
    hosts.add(item)
    void gone.then(() => hosts.delete(item))
    socket.destroy()
  }

  async function stop(socket: Socket) {
    for (const { child } of hosts) child.kill("SIGKILL")
    await Promise.all([...hosts].map(({ gone }) => gone))
    socket.destroy()
  }

  const sockets = { host: join(place, "host.sock"), stop: join(place, "stop.sock") }
  const servers = [await listen(sockets.host, host), await listen(sockets.stop, stop)]
  return {
    sockets,
    async close() {
      for (const server of servers) server.close()
      for (const { child } of hosts) child.kill("SIGKILL")
      await Promise.all([...hosts].map(({ gone }) => gone))
      rmSync(place, { recursive: true })
    },
  }
}

/** As the unit has it, with another place for the session. */
function environment(dir: string) {
  const lines = readFileSync(list, "utf8").replaceAll("/var/lib/remote-swe/session", dir).trim().split("\n")
  const given = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)))
  return { ...given, PATH: process.env["PATH"] }
}

/** Kills whatever has the limit, and what it has started meanwhile. */
function clear(queue: number) {
  const mark = new RegExp(`^Max msgqueue size +${queue} +${queue} `, "m")
  const marked = (entry: string) =>
    /^\d+$/.test(entry) &&
    mark.test(read(`/proc/${entry}/limits`)) &&
    !/^State:\s+Z/m.test(read(`/proc/${entry}/status`))
  for (let left = readdirSync("/proc").filter(marked); left.length > 0; left = readdirSync("/proc").filter(marked))
    for (const entry of left) process.kill(Number(entry), "SIGKILL")
}

function read(path: string) {
  try {
    return readFileSync(path, "utf8")
  } catch {
    // It has ended since it was listed.
    return ""
  }
}

async function listen(path: string, onSocket: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, onSocket)
  server.listen(path)
  await once(server, "listening")
  return server
}
