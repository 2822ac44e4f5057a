import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { type AddressInfo, createServer as createSocket } from "node:net"
import { hostname, networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { allowed } from "../../src/sandbox/full.ts"
import { Sandbox } from "../../src/sandbox/index.ts"
import { folder, home, open, processes, sh, warning, world } from "./world.ts"

async function listen(host: string) {
  const server = createServer((_, response) => response.end("owner's service"))
  server.listen(0, host)
  await once(server, "listening")
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe.skipIf(warning !== undefined)(`full sandbox${warning ? ` (not here: ${warning})` : ""}`, () => {
  it("lets commands write to the session's folders only", async () => {
    const sandbox = await open("full")
    const outside = folder()
    const attempts = [
      `${outside}/x`,
      `${home}/x`,
      "/etc/x",
      "/usr/x",
      join(sandbox.root, "../x"),
      `${import.meta.dirname}/x`,
    ]
    for (const path of attempts) {
      await sh(sandbox, `echo x > '${path}'`)
      expect([path, existsSync(path)]).toEqual([path, false])
    }
    expect(
      await sh(sandbox, 'echo x > a && echo x > ~/b && echo x > "$TMPDIR/c" && echo x > /tmp/d && echo written'),
    ).toBe("written\n")
    expect(existsSync("/tmp/d")).toBe(false)
  })

  it("hides the owner's secrets, other sessions and the system's state", async () => {
    const state = folder()
    const dir = join(state, "worker", "ses_mine")
    for (const path of [dir, join(state, "worker", "ses_other", "workspace")])
      mkdirSync(path, { recursive: true, mode: 0o700 })
    chmodSync(join(state, "worker"), 0o700)
    const secret = createHash("sha256").update(dir).digest("hex")
    writeFileSync(join(state, "api-key"), secret)
    writeFileSync(join(state, "worker", "ses_other", "workspace", "code"), secret)
    const places = [join(home, ".ssh"), join(home, ".aws"), join(home, ".config", "gh")].filter(
      (path) => !existsSync(path),
    )
    for (const path of places) {
      mkdirSync(path, { recursive: true })
      writeFileSync(join(path, "credentials"), secret)
    }
    try {
      const sandbox = await open("full", { dir })
      symlinkSync(join(state, "api-key"), join(sandbox.root, "link"))
      const seen = await sh(
        sandbox,
        `cat '${state}/api-key' '${state}'/worker/ses_other/workspace/code link ~root/.ssh/* ${places.map((path) => `'${path}/credentials'`).join(" ")}; ls '${state}' '${state}/worker'; true`,
      )
      expect(seen).not.toContain(secret)
      expect(seen).not.toContain("ses_other\n")
      await expect(sandbox.readFile("link")).rejects.toThrow()
    } finally {
      for (const path of places) rmSync(path, { recursive: true })
    }
  })

  it("shows no process of the owner, and lets none be signalled", async () => {
    const sandbox = await open("full")
    const all = await sh(sandbox, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    expect(all).not.toContain("vitest")
    expect(await sh(sandbox, `kill -0 ${process.pid} && echo alive`)).not.toContain("alive")
  })

  it("keeps commands away from services of this machine, by every name", async () => {
    const port = await listen("0.0.0.0")
    const sandbox = await open("full")
    const own = Object.values(networkInterfaces())
      .flat()
      .flatMap((item) => (item?.family === "IPv4" ? [item.address] : []))
    const names = [
      "127.0.0.1",
      "localhost",
      "[::1]",
      "0.0.0.0",
      "127.1",
      "2130706433",
      "[::ffff:127.0.0.1]",
      "a.localhost",
      hostname(),
      ...own,
    ]
    for (const name of names) {
      const ways = [
        `curl -s -m 5 http://${name}:${port}/`,
        `curl -s -m 5 --noproxy '' -x "$HTTP_PROXY" http://${name}:${port}/`,
        `curl -s -m 5 --noproxy '' -p -x "$HTTP_PROXY" http://${name}:${port}/`,
      ]
      expect(await sh(sandbox, ways.join("; "))).not.toContain("owner's service")
    }
  })

  it("lets no unix socket of the owner be used", async () => {
    const path = join(folder(), "owner.sock")
    const server = createSocket((socket) => socket.end("owner's service"))
    server.listen(path)
    await once(server, "listening")
    onTestFinished(() => void server.close())
    const sandbox = await open("full")
    const script = `node -e 'require("net").connect(process.argv[1]).on("error", (e) => console.log(e.code)).pipe(process.stdout)' '${path}'`
    expect(await sh(sandbox, script)).not.toContain("owner's service")
  })

  it("lets commands reach the git gateway, and nothing else on its machine", async () => {
    const session = await world({ kind: "full" })
    const url = `http://127.0.0.1:${session.gateway.port}/`
    expect(await sh(session.sandbox, `curl -s -m 10 ${url}`)).toBe("Not found\n")
    expect(await sh(session.sandbox, `curl -s -m 10 http://127.0.0.1:${await listen("127.0.0.1")}/`)).toBe("")
  })

  it("leaves nothing of its own on the machine", async () => {
    const dir = join(folder(), "session")
    const sandbox = await open("full", { dir })
    await sh(sandbox, "true")
    await sandbox.close()
    await vi.waitFor(() => expect(processes(dir)).toEqual([]))
  })
})

it("decides by address what the proxy may reach", () => {
  const local = [
    "127.0.0.1",
    "127.9.9.9",
    "127.1",
    "0x7f.1",
    "2130706433",
    "0",
    "localhost",
    "LOCALHOST.",
    "x.localhost",
    "::1",
    "[::1]",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "169.254.169.254",
    "2852039166",
    "fe80::1",
    "fd00:ec2::254",
    "64:ff9b::7f00:1",
    "224.0.0.1",
    "100.100.100.200",
    "a b",
    "",
    "a/b",
    "user@host",
  ]
  for (const host of local) expect([host, allowed(host, 80)]).toEqual([host, false])
  const remote = ["example.com", "8.8.8.8", "1.1", "registry.npmjs.example", "2606:4700::1111", "localhost.example.com"]
  for (const host of remote) expect([host, allowed(host, 443)]).toEqual([host, true])
})

it("says what is missing where it cannot run, and goes on without", async () => {
  vi.stubEnv("PATH", "/nowhere")
  const sandbox = await Sandbox.open({ dir: join(folder(), "session") })
  vi.unstubAllEnvs()
  onTestFinished(() => sandbox.close())
  expect(sandbox.kind).toBe("none")
  expect(sandbox.warning).toMatch(/^Commands run without a sandbox: they can read your files/)
  if (process.platform === "linux") expect(sandbox.warning).toContain("apt-get install bubblewrap socat ripgrep")
  expect(await sh(sandbox, "echo works")).toBe("works\n")
})

it("says why where it is there and does not start, and goes on without", async () => {
  const bin = folder()
  for (const name of ["bwrap", "socat", "rg", "bash"]) {
    const text =
      name === "bash"
        ? '#!/bin/sh\nexec /bin/bash "$@"\n'
        : "#!/bin/sh\necho 'bwrap: no permission to make a namespace' >&2\nexit 1\n"
    writeFileSync(join(bin, name), text, { mode: 0o755 })
  }
  symlinkSync(execFileSync("which", ["which"], { encoding: "utf8" }).trim(), join(bin, "which"))
  vi.stubEnv("PATH", bin)
  const sandbox = await Sandbox.open({ dir: join(folder(), "session") })
  vi.unstubAllEnvs()
  onTestFinished(() => sandbox.close())
  expect(sandbox).toMatchObject({ kind: "none", warning: expect.stringContaining("The sandbox cannot run here (") })
  expect(sandbox.tmp.startsWith(tmpdir())).toBe(true)
})
