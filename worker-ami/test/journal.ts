import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { existsSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { folder, must } from "./util.ts"

const daemon = "/lib/systemd/systemd-journald"
const namespaces = "net.netfilter.nf_log_all_netns"
/** Whether this machine's kernel and systemd can play that part. */
export const isHere = () => existsSync(daemon) && existsSync("/proc/sys/net/netfilter/nf_log_all_netns")

/**
 * A journal of its own that reads this kernel's log, and the unit that hands on refusals, at a socket as systemd would
 * open it. A shell that waits for the end of this process takes both away.
 */
export async function open() {
  const place = await mkdtemp(path.join(os.tmpdir(), "swe-journal-"))
  await chmod(place, 0o755)
  const socket = path.join(place, "refusals.sock")
  const handler = path.join(place, "handler")
  await writeFile(handler, `#!/bin/sh\nexec ${await command()}\n`, { mode: 0o755 })
  await writeFile(path.join(place, "machine-id"), `${"0123456789abcdef".repeat(2)}\n`)
  // Of other namespaces, such as that of a test, a kernel writes nothing down by itself.
  const before = (await must("sysctl", "-n", namespaces)).trim()
  await must("sysctl", "-qw", `${namespaces}=1`)
  const script = `
    mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal /run/log/journal
    mount --bind "$1/machine-id" /etc/machine-id
    ${daemon} & journal=$!
    while ! [ -S /run/systemd/journal/socket ]; do sleep 0.05; done
    socat "UNIX-LISTEN:$1/refusals.sock,fork,mode=0666" "EXEC:$1/handler" & door=$!
    read -r _
    kill $journal $door; wait`
  const args = ["--mount", "--propagation", "private", "sh", "-c", script, "sh", place]
  const child: ChildProcess = spawn("unshare", args, { stdio: ["pipe", "ignore", "ignore"] })
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error("The journal did not start")
    await sleep(50)
  }
  return {
    socket,
    async close() {
      child.stdin?.end()
      if (child.exitCode === null) await once(child, "exit")
      await must("sysctl", "-qw", `${namespaces}=${before}`)
      await rm(place, { recursive: true })
    },
  }
}

/** What the machine's unit runs. Its words are quoted as a shell's. */
async function command() {
  const unit = await readFile(path.join(folder, "units/remote-swe-refusals@.service"), "utf8")
  const found = /^ExecStart=(.*)$/m.exec(unit)?.[1]
  if (!found) throw new Error("The unit runs nothing")
  return found
}
