// Stands for the worker: has commands run by the host, writes down what they said, and ends.
import { execSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { createInterface } from "node:readline"

async function open() {
  const socket = connect(process.env.REMOTE_SWE_SANDBOX_SOCKET)
  const lines = createInterface(socket)[Symbol.asyncIterator]()
  async function ask(script) {
    socket.write(`${JSON.stringify(script)}\n`)
    const { value, done } = await lines.next()
    return done ? undefined : JSON.parse(value).trim()
  }
  return { socket, ask }
}

const report = {}
const refusals = connect(process.env.REMOTE_SWE_REFUSALS_SOCKET)
await once(refusals, "connect")
const wait = "curl -sS -m 3 -o /dev/null -w '%{http_code}'"
const address = "http://169.254.169.254/latest/api/token"
const first = await open()
for (const [name, script] of Object.entries({
  identity: "id -un; id -Gn; pwd",
  environment: "env | cut -d= -f1 | sort",
  metadata: `${wait} -X PUT ${address} 2>&1`,
  daemon: `ls /proc | grep -c '^[0-9]'; cat /proc/${process.pid}/environ 2>&1`,
  sockets: "ls -A /run/remote-swe 2>&1; ls /run/dbus 2>&1",
  settings: "cat /run/remote-swe/worker.env /var/lib/remote-swe/session/secret 2>&1",
  elsewhere: "touch /usr/x /opt/remote-swe/x /etc/x /root/x 2>&1",
  rights: "su -c id 2>&1; find / -xdev -perm /6000 -type f 2>/dev/null; getcap -r /usr",
  container: "bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev echo contained 2>&1",
  ids: "podman unshare cat /proc/self/uid_map 2>&1 | tr -s ' '",
  trace: "sysctl -n kernel.yama.ptrace_scope fs.suid_dumpable 2>&1",
  leaves: "setsid sleep 4321 >/dev/null 2>&1 & echo left",
  // A busy machine may not have begun it yet.
  stays: "until pgrep -f '^sleep 4321' >/dev/null; do sleep 0.05; done; pgrep -fc '^sleep 4321'",
  tools: "node --version; npm --version; uv --version; git --version; rg --version; chromium --version 2>&1 | tail -1",
}))
  report[name] = await first.ask(script)

report.own = { uid: process.getuid(), metadata: execSync(`${wait} -X PUT ${address} || true`).toString() }
report.own.host = existsSync("/var/lib/remote-swe/session/workspace")

// A closed connection ends all that was started.
first.socket.end()
await once(first.socket, "close")
const second = await open()
report.gone = await second.ask("pgrep -fc '^sleep 4321'")

// A host that a command has stopped is ended by the other socket.
const stuck = second.ask("kill -STOP $PPID; sleep 4322")
connect(process.env.REMOTE_SWE_SANDBOX_STOP_SOCKET)
report.stopped = (await stuck) ?? "ended"
second.socket.destroy()
const third = await open()
report.after = await third.ask("pgrep -fc '^sleep 4322'")

// Still there: the unit behind it reads the journal for as long as somebody listens.
report.own.refusals = refusals.readyState
refusals.destroy()

writeFileSync("/var/lib/remote-swe/session/report.json", JSON.stringify(report))
process.stdout.write("the worker leaves\n", () => process.exit())
