import { spawn } from "node:child_process"
import { randomInt } from "node:crypto"
import { once } from "node:events"
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { folder, means, never, open, patient, processes, sh, ways } from "./world.ts"

/** A `sleep` that can be told from all others. */
const nap = () => `${randomInt(1_000_000, 9_000_000)}.5`

/** What a command may try in order not to be found. */
const nasty = (time: string) =>
  [
    `setsid sleep ${time} &`,
    `nohup sleep ${time} >/dev/null 2>&1 &`,
    `(setsid sh -c '(sleep ${time} &) ; sleep ${time}' &)`,
    `env -i setsid sh -c "trap '' TERM HUP INT; (/bin/sleep ${time} &); /bin/sleep ${time}" &`,
    `trap '' TERM`,
  ].join("\n")

const gone = (time: string) => vi.waitFor(() => expect(processes(`sleep ${time}`)).toEqual([]), { timeout: 10_000 })

describe.each(ways)("sandbox %s", (kind) => {
  it("runs a script in the session's folder and tells how it ended", async () => {
    const sandbox = await open(kind)
    const exit = await sandbox.exec({ script: "pwd; echo oops >&2; exit 3", ...patient }, never)
    expect(exit).toMatchObject({ code: 3, reason: "exited", text: `${sandbox.root}\noops\n` })
    expect(exit.whole).toBeUndefined()
  })

  it("gives commands nothing of the worker's environment but what is on the list", async () => {
    vi.stubEnv("REMOTE_SWE_SESSION_TOKEN", "swe_w_secret")
    vi.stubEnv("ANTHROPIC_API_KEY", "sk-secret")
    vi.stubEnv("HTTPS_PROXY", "http://user:proxy-secret@127.0.0.1:9")
    const sandbox = await open(kind)
    vi.unstubAllEnvs()
    const text = await sh(sandbox, "env; cat /proc/self/environ /proc/$PPID/environ 2>/dev/null | tr '\\0' '\\n'")
    expect(text).not.toMatch(/secret|TOKEN=|API_KEY/)
    expect(text).toContain(`HOME=${sandbox.home}`)
    expect(text).toContain("TERM=dumb")
    expect(text).toContain("GIT_TERMINAL_PROMPT=0")
  })

  it("keeps a server that one command started for the next", async () => {
    const sandbox = await open(kind)
    const server =
      "require('net').createServer(s=>s.end('hello')).listen(0,'127.0.0.1',function(){console.log(this.address().port)})"
    writeFileSync(join(sandbox.root, "server.js"), server)
    await sh(sandbox, "nohup node server.js > port 2>&1 &\nwhile ! [ -s port ]; do sleep 0.05; done")
    const client = "require('net').connect(process.argv[1],'127.0.0.1').pipe(process.stdout)"
    expect(await sh(sandbox, `node -e "${client}" $(cat port)`)).toBe("hello")
  })

  it("returns when a command is done though its children hold its output open", async () => {
    const sandbox = await open(kind)
    const time = nap()
    const exit = await sandbox.exec({ script: `sleep ${time} & echo done`, ...patient }, never)
    expect(exit).toMatchObject({ code: 0, text: "done\n" })
    expect(exit.durationMs).toBeLessThan(30_000)
  })

  it("ends what takes too long, what is silent, and what is stopped, with all children", async () => {
    const sandbox = await open(kind)
    const time = nap()
    const script = `setsid sleep ${time} & trap '' TERM; echo here; sleep ${time}`
    const timeout = await sandbox.exec({ script, timeoutMs: 300, silenceMs: 60_000 }, never)
    expect(timeout).toMatchObject({ reason: "timeout", text: "here\n" })
    const silence = await sandbox.exec({ script, timeoutMs: 60_000, silenceMs: 300 }, never)
    expect(silence).toMatchObject({ reason: "silence", text: "here\n" })
    const abort = new AbortController()
    const onOutput = () => abort.abort()
    const stopped = await sandbox.exec({ script, ...patient, onOutput }, abort.signal)
    expect(stopped).toMatchObject({ reason: "stopped", text: "here\n" })
    await gone(time)
  })

  it("does not take a busy command for a silent one", async () => {
    const sandbox = await open(kind)
    const script = "for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.1; done"
    const exit = await sandbox.exec({ script, timeoutMs: 60_000, silenceMs: 700 }, never)
    expect(exit).toMatchObject({ reason: "exited", code: 0 })
  })

  it("keeps head and tail of long output, and all of it in a file that commands can read", async () => {
    const sandbox = await open(kind)
    const exit = await sandbox.exec({ script: "seq 1 5000000", ...patient }, never)
    expect(exit.text.length).toBeLessThan(30_000)
    expect(exit.text.startsWith("1\n2\n3\n")).toBe(true)
    expect(exit.text.endsWith("4999999\n5000000\n")).toBe(true)
    expect(exit.text).toContain(`everything is in ${exit.whole}`)
    expect(await sh(sandbox, `wc -l < '${exit.whole}'; sed -n 2500000p '${exit.whole}'`)).toBe("5000000\n2500000\n")
  })

  it("takes binary output and output without line ends", async () => {
    const sandbox = await open(kind)
    const exit = await sandbox.exec(
      { script: "head -c 3000000 /dev/urandom; printf '\\u2028\\0end'", ...patient },
      never,
    )
    expect(exit.text.isWellFormed()).toBe(true)
    expect(exit.text.length).toBeLessThan(30_000)
    expect(exit.text.endsWith("\ufffdend")).toBe(true)
  })

  it("shows what a command prints while it runs", async () => {
    const sandbox = await open(kind)
    const seen: string[] = []
    const done = Promise.withResolvers<void>()
    const onOutput = (text: string) => {
      seen.push(text)
      if (seen.join("").includes("first")) done.resolve()
    }
    const exit = sandbox.exec(
      { script: "echo first; while ! [ -e go ]; do sleep 0.05; done; echo second", ...patient, onOutput },
      never,
    )
    await done.promise
    await sandbox.writeFile("go", Buffer.from(""))
    expect((await exit).text).toBe("first\nsecond\n")
  })

  it("runs jobs in the background, shows what is new, and stops them", async () => {
    const sandbox = await open(kind)
    const time = nap()
    const job = await sandbox.start({
      script: `echo one; while ! [ -e go ]; do sleep 0.05; done; echo two; sleep ${time}`,
    })
    const next = async () =>
      vi.waitFor(async () => {
        const { text } = await sandbox.output(job.id)
        expect(text).not.toBe("")
        return text
      })
    expect(await next()).toBe("one\n")
    expect((await sandbox.output(job.id)).text).toBe("")
    await sandbox.writeFile("go", Buffer.from(""))
    expect(await next()).toBe("two\n")
    expect(await sandbox.jobs()).toMatchObject([{ id: job.id, state: "running" }])
    expect(await sandbox.stopJob(job.id)).toMatchObject({ state: "stopped" })
    await gone(time)
    expect(await sh(sandbox, `cat '${job.whole}'`)).toBe("one\ntwo\n")
    await expect(sandbox.output("job_9")).rejects.toThrow("There is no background job job_9; known: job_1")
  })

  it("leaves no process behind when it is closed, whatever commands tried", async () => {
    const sandbox = await open(kind)
    const time = nap()
    await sandbox.exec({ script: nasty(time), ...patient }, never)
    await sandbox.start({ script: `trap '' TERM; sleep ${time}; sleep ${time}` })
    const running = sandbox.exec({ script: `sleep ${time}`, ...patient }, never).catch((error: Error) => error.message)
    await vi.waitFor(() => expect(processes(`sleep ${time}`).length).toBeGreaterThan(4))
    await sandbox.close()
    await gone(time)
    await running
  })

  it("leaves no process behind when the worker is killed", async () => {
    const dir = folder()
    const time = nap()
    const main = fileURLToPath(new URL("./victim.ts", import.meta.url))
    const session = join(dir, "session")
    const options = JSON.stringify({ dir: session, ...(await means(kind, session)) })
    const worker = spawn(process.execPath, [main, options, nasty(time)], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TMPDIR: dir },
    })
    await once(worker.stdout, "data")
    expect(processes(`sleep ${time}`).length).toBeGreaterThan(4)
    worker.kill("SIGKILL")
    await gone(time)
    await vi.waitFor(() => expect(processes(dir)).toEqual([]), { timeout: 10_000 })
  })

  it("starts anew when a command has killed the host", async () => {
    const sandbox = await open(kind)
    const lost = sandbox.exec({ script: "kill -9 $PPID; sleep 60", ...patient }, never)
    await expect(lost).rejects.toThrow("The sandbox that runs commands has ended")
    expect(await sh(sandbox, "echo again")).toBe("again\n")
  })

  it("ends a command also when it has stopped the host", async () => {
    const sandbox = await open(kind)
    const abort = new AbortController()
    const time = nap()
    const stuck = sandbox.exec({ script: `sleep ${time} & kill -STOP $PPID; sleep ${time}`, ...patient }, abort.signal)
    await vi.waitFor(() => expect(processes(`sleep ${time}`).length).toBeGreaterThan(1))
    abort.abort()
    await expect(stuck).rejects.toThrow("has ended")
    expect(await sh(sandbox, "echo again")).toBe("again\n")
    await gone(time)
  })

  it("ends a host that a command has stopped when the command's time is over", async () => {
    const sandbox = await open(kind)
    const time = nap()
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    onTestFinished(() => void vi.useRealTimers())
    const script = `sleep ${time} & kill -STOP $PPID; sleep ${time}`
    const stuck = sandbox.exec({ script, timeoutMs: 600_000, silenceMs: 600_000 }, never)
    const over = expect(stuck).rejects.toThrow("has ended")
    await vi.waitFor(() => expect(processes(`sleep ${time}`).length).toBeGreaterThan(1))
    vi.advanceTimersByTime(631_000)
    await over
    vi.useRealTimers()
    expect(await sh(sandbox, "echo again")).toBe("again\n")
    await gone(time)
  })

  it("ends everything when it is asked to, and starts anew", async () => {
    const sandbox = await open(kind)
    const time = nap()
    await sandbox.start({ script: `trap '' TERM; setsid sleep ${time} & sleep ${time}` })
    await vi.waitFor(() => expect(processes(`sleep ${time}`).length).toBeGreaterThan(1))
    await sandbox.reset()
    expect(await sh(sandbox, "echo again")).toBe("again\n")
    await gone(time)
  })

  it("reads and writes files of any bytes, and only where the session may", async () => {
    const sandbox = await open(kind)
    const bytes = Buffer.from(Array.from({ length: 3_000_001 }, (_, at) => (at * 7) & 255))
    await sandbox.writeFile("new/folder/file", bytes)
    expect(Buffer.compare(Buffer.from(await sandbox.readFile("new/folder/file")), bytes)).toBe(0)
    expect(await sandbox.stat("new/folder")).toMatchObject({ type: "directory" })
    expect(await sandbox.stat("nothing")).toMatchObject({ type: "missing" })
    await sh(sandbox, "printf abc > \"$(printf 'l\\351')\"; chmod 640 l*; ln -s /etc/passwd link", "new")
    const found = await sandbox.inspect(`${sandbox.root}/new`, ["l\xe9", "link", "folder", "nothing", "link/x"])
    expect(found.map(({ type }) => type)).toEqual(["file", "link", "directory", "missing", "missing"])
    expect(found[0]).toMatchObject({ size: 3, mode: 0o640 })
    await expect(sandbox.inspect(sandbox.root, ["../../x"])).rejects.toMatchObject({ kind: "forbidden" })
    await expect(sandbox.inspect("/etc", ["passwd"])).rejects.toMatchObject({ kind: "forbidden" })
    await sandbox.writeFile("new/folder/file", Buffer.from("short"))
    expect(readFileSync(join(sandbox.root, "new/folder/file"), "utf8")).toBe("short")
    symlinkSync("/etc", join(sandbox.root, "link"))
    await expect(sandbox.writeFile("link/evil", Buffer.from(""))).rejects.toThrow("can be written")
    await expect(sandbox.writeFile("../../evil", Buffer.from(""))).rejects.toThrow("can be written")
    await expect(sandbox.readFile("nothing")).rejects.toThrow("There is no such file")
    await expect(sandbox.readFile(".")).rejects.toThrow("It is a folder")
    await expect(sandbox.readFile("new/folder/file", 3)).rejects.toThrow("the limit is 3")
  })

  // On a machine there is one session, and files have owners.
  it.skipIf(kind === "socket")("hides other sessions from file tools", async () => {
    const all = folder()
    mkdirSync(join(all, "other"))
    writeFileSync(join(all, "other", "key"), "secret")
    const sandbox = await open(kind, { dir: join(all, "mine") })
    await expect(sandbox.readFile(join(all, "other", "key"))).rejects.toThrow()
    symlinkSync(join(all, "other", "key"), join(sandbox.root, "link"))
    await expect(sandbox.readFile("link")).rejects.toThrow()
  })

  it("does not wait for a named pipe", async () => {
    const sandbox = await open(kind)
    await sh(sandbox, "mkfifo pipe")
    await expect(sandbox.readFile("pipe")).rejects.toThrow("not a regular file")
  })

  it("runs programs with exact arguments, input and a bounded output", async () => {
    const sandbox = await open(kind)
    const echo = await sandbox.run({ args: ["printf", "%s|", "$(id)", "a b", "'"], env: { A: "b" } })
    expect(Buffer.from(echo.stdout).toString()).toBe("$(id)|a b|'|")
    const input = Buffer.alloc(2_000_000, "x")
    expect(Buffer.from((await sandbox.run({ args: ["cat"], input })).stdout).equals(input)).toBe(true)
    const endless = await sandbox.run({ args: ["yes"], limit: 10_000 })
    expect(endless).toMatchObject({ truncated: true, code: null })
    expect(endless.stdout.length).toBe(10_000)
    await expect(sandbox.run({ args: ["no-such-program"] })).rejects.toMatchObject({ kind: "missing" })
  })
})

describe.runIf(process.platform === "linux")("a host of a machine", () => {
  it("is ended when it does not listen any more, though nobody waits for a stop", async () => {
    const sandbox = await open("socket", { pulseMs: 2_000 })
    const time = nap()
    const stuck = sandbox.exec({ script: `sleep ${time} & kill -STOP $PPID; sleep ${time}`, ...patient }, never)
    await expect(stuck).rejects.toThrow("has ended")
    expect(await sh(sandbox, "echo again")).toBe("again\n")
    await gone(time)
  })

  it("tells how its commands stand with the machine's limits; others have none", async () => {
    const sandbox = await open("socket")
    const { disk } = (await sandbox.vitals()) ?? {}
    expect(disk?.free).toBeGreaterThan(0)
    expect(disk?.size).toBeGreaterThan(disk?.free ?? 0)
    expect(await (await open("none")).vitals()).toBeUndefined()
  })
})
