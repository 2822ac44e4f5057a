import { readFile } from "node:fs/promises"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { cannotBoot, serve, type Served } from "./machine.ts"
import { make, type Root } from "./root.ts"
import { folder } from "./util.ts"

/** The worker as it is deployed, on a machine as it boots, asked over the public API to run what is hostile and what is useful. */

const skipped = cannotBoot()

const bash = (id: string, command: string) => ({ id, name: "bash", input: { command } })
const status = "curl -sS -m 3 -o /dev/null -w '%{http_code}'"
const token = "http://169.254.169.254/latest/api/token"
/** Seizes a process, as a debugger does, and does not stop it: 0, or the number of the error. */
const seize = `python3 -c 'import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
print(libc.ptrace(0x4206, int(sys.argv[1]), None, None) and ctypes.get_errno())'`
const processes = `python3 -c 'import os
print(sorted({os.stat("/proc/" + name).st_uid for name in os.listdir("/proc") if name.isdigit()}))'`

const hostile = {
  identity: "id -un; id -Gn; pwd",
  environment: "env | cut -d= -f1 | sort",
  metadata: `${status} -X PUT ${token} 2>&1`,
  processes,
  init: "cat /proc/1/environ /proc/1/cmdline 2>&1; ls /sys/fs/cgroup/swe.slice/swe-daemon.slice/*/cgroup.procs | xargs cat 2>&1",
  sockets: "ls -A /run/remote-swe 2>&1; ls /run/dbus 2>&1",
  settings: "cat /run/remote-swe/worker.env /var/lib/remote-swe/session/secret 2>&1",
  elsewhere: "touch /usr/x /opt/remote-swe/x /etc/x /root/x 2>&1",
  rights: "su -c id 2>&1; sudo -n id 2>&1; find / -xdev -perm /6000 -type f 2>/dev/null; getcap -r /usr",
  container: "bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev echo contained 2>&1",
  ids: "podman unshare cat /proc/self/uid_map 2>&1 | tr -s ' '",
  image: `cd /tmp; for name in bash cat id; do echo /usr/bin/$name; ldd /usr/bin/$name | grep -o '/lib[^ ]*'; done |
    sed 's#^/##' | sort -u | tar -chf - -C / -T - | podman import - small >/dev/null 2>&1; podman images --format '{{.Names}}'`,
  contained: `podman run --rm small bash -c 'id -u; cat /proc/self/uid_map' 2>&1`,
  built: `cd /tmp && mkdir b && printf 'FROM small\nRUN ["/usr/bin/bash", "-c", "echo built >/x"]\n' >b/Dockerfile &&
    docker build -q -t built b >/dev/null 2>&1; docker run --rm built cat /x 2>&1`,
  "contained-metadata": `for net in pasta host; do
    podman run --rm --network $net small bash -c ': </dev/tcp/169.254.169.254/80' 2>&1 && echo reached; done`,
  leaves: "setsid sleep 4321 >/dev/null 2>&1 & until pgrep -f '^sleep 4321' >/dev/null; do :; done; echo left",
  stays: "pgrep -fc '^sleep 4321'",
  neighbour: `${seize} $(pgrep -f '^sleep 4321'); ${seize} $PPID; cat /proc/sys/kernel/yama/ptrace_scope 2>&1`,
  credential:
    "printf 'protocol=https\\nhost=github.com\\n\\n' | git credential fill 2>&1; git remote -v; cat .git/config ~/.gitconfig",
  tools:
    "node --version; npm --version; uv --version; git --version; rg --version; jq --version; gh --version; podman --version; make --version; gcc --version; chromium --version 2>&1 | tail -1",
}

const useful = [
  bash("change", "cd shop && echo more >>README.md && git commit -qam 'Say more' && git log --oneline | wc -l"),
  bash("elsewhere-push", "cd shop && git push origin HEAD:main 2>&1; git push origin HEAD:refs/tags/v1 2>&1"),
  { id: "open", name: "pull_request", input: { title: "Say more", body: "More is said." } },
]

describe.skipIf(skipped)("a session on a machine that boots", () => {
  let root: Root
  let served: Served

  beforeAll(async () => {
    root = await make()
    const calls = Object.entries(hostile).map(([id, command]) => bash(id, command))
    served = await serve(root, {
      tasks: [
        { message: "Look around", calls },
        { message: "Make a change", calls: useful },
        // A command can stop the host, which has the same user: then nobody hears that the turn is stopped.
        { message: "Hang", calls: [bash("hang", "kill -STOP $PPID; sleep 4322")], stop: true },
        { message: "Look again", calls: [bash("left", "pgrep -fc '^sleep 432[12]'; ls")] },
      ],
    })
  })
  afterAll(() => root.remove())

  test("is proven by the machine's role, works, and switches the machine off when it rests", () => {
    expect(served.of("joined")).toMatchObject([{ generation: 1, sandbox: "full" }])
    expect(served.outcomes()).toEqual(["done", "done", "stopped", "done"])
    expect(served.of("left")).toMatchObject([{ generation: 1, reason: "idle" }])
    expect(served.events.at(-1)?.kind).toBe("left")
    expect(served.faults).toEqual([])
    expect(served.said).toMatch(/power(ing)? (off|down)/i)
  })

  test("saves what it has done, pushes to its own branch only, and opens a pull request", () => {
    const branch = served.refs.find((name) => name !== "refs/heads/main")?.replace("refs/heads/", "")
    expect(served.refs).toHaveLength(2)
    expect(served.of("artifact").map(({ artifact }) => artifact)).toMatchObject([
      { type: "branch", repository: "acme/shop", branch },
      { type: "pull_request", host: "github", number: 7, title: "Say more", branch },
    ])
    expect(served.pulls).toMatchObject([{ title: "Say more", head: branch }])
    expect(served.of("snapshot").length).toBeGreaterThan(0)
    expect(served.result("elsewhere-push")).toMatch(/not allowed: refs\/heads\/main[^]*not allowed: refs\/tags\/v1/)
  })

  test("shows no secret to anybody: not to commands, the model, the log, nor GitHub", () => {
    expect(served.leaks).toEqual([])
    expect(served.result("credential")).toContain("terminal prompts disabled")
  })

  test("runs commands as somebody else than the worker, in the session's folder", () => {
    expect(served.result("identity")).toBe("swe-agent\nswe-agent\n/var/lib/remote-swe/session/workspace")
  })

  test("gives commands the environment that is written down, and nothing else", async () => {
    const list = await readFile(path.join(folder, "conf/host.env"), "utf8")
    const names = Array.from(list.matchAll(/^(\w+)=/gm), ([, name]) => name)
    // What systemd says of the user, what the host calls a command, and what the shell sets.
    const more = ["LOGNAME", "USER", "REMOTE_SWE_COMMAND", "PWD", "SHLVL", "_"]
    expect(served.result("environment").split("\n").toSorted()).toEqual([...names, ...more].toSorted())
  })

  test("keeps the metadata address from commands; the worker has it", () => {
    expect(served.result("metadata")).toMatch(/^curl: \(7\)[^]*000/)
  })

  test("shows commands no process but their own", () => {
    expect(served.result("processes")).toBe("[2000]")
    expect(served.result("init")).not.toContain("systemd\0")
    expect(served.result("init")).toMatch(/No such file or directory[^]*/)
  })

  test("lets commands trace nobody who is not a child of theirs", ({ skip }) => {
    const [neighbour, host, scope] = served.result("neighbour").split("\n")
    if (scope !== "1") return skip(`the kernel here is not the machine's own, and lets them (yama: ${scope})`)
    expect([neighbour, host]).toEqual(["1", "1"])
  })

  test("shows commands neither the worker's settings nor its sockets", () => {
    expect(served.result("settings").split("\n")).toEqual([
      expect.stringMatching(/worker.env: (Permission denied|No such file)/),
      expect.stringMatching(/secret: (Permission denied|No such file)/),
      "",
      "[exit code 1]",
    ])
    expect(served.result("sockets")).toMatch(/Permission denied[^]*Permission denied/)
  })

  test("lets commands neither write elsewhere nor become somebody", () => {
    expect(served.result("elsewhere").match(/^touch: /gm)).toHaveLength(4)
    expect(served.result("rights")).not.toContain("uid=0")
  })

  test("lets commands have containers and sandboxes of their own", () => {
    expect(served.result("container")).toBe("contained")
    expect(served.result("ids")).toMatch(/0 2000 1\n ?1 100000 65536/)
  })

  test("lets commands build and run images, by podman's name and by docker's, and none of them out to the metadata", () => {
    expect(served.result("image")).toContain("localhost/small")
    expect(served.result("contained")).toMatch(/^0\n +0 +2000 +1\n +1 +100000 +65536$/)
    expect(served.result("built")).toBe("built")
    expect(served.result("contained-metadata").match(/connect: Connection refused/g)).toHaveLength(2)
    expect(served.result("contained-metadata")).not.toContain("reached")
  })

  test("ends whatever commands left behind, also when they stopped the host", () => {
    expect(served.result("stays")).toBe("1")
    expect(served.result("left")).toMatch(/^0\nshop/)
  })

  test("has the tools of the trade", () => {
    const names =
      /^v24\.[^]*git version[^]*ripgrep[^]*jq-[^]*gh version[^]*podman version[^]*GNU Make[^]*gcc[^]*Chromium/
    expect(served.result("tools")).toMatch(names)
  })

  test("sends what the units say to the log group, and nothing of the commands", () => {
    const [first, ...rest] = served.logs
    const sessionID = served.of("joined")[0]?.sessionID
    expect(first).toMatchObject({
      target: "Logs_20140328.CreateLogStream",
      body: { logGroupName: "/swe/test/worker", logStreamName: `${sessionID}/1` },
    })
    const text = JSON.stringify(rest.map(({ body }) => body))
    expect(text).toContain(`Ready for session ${sessionID}`)
    expect(text).not.toContain("remote-swe-host@")
  })
})
