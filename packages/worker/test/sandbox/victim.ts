import { Sandbox } from "../../src/sandbox/index.ts"

/** A worker that is going to be killed: runs a script, starts another, and says so. */
const [means = "", script = ""] = process.argv.slice(2)
const sandbox = await Sandbox.open(JSON.parse(means) as Sandbox.Options)
const signal = new AbortController().signal
await sandbox.exec({ script, timeoutMs: 60_000, silenceMs: 60_000 }, signal)
await sandbox.start({ script })
await sandbox.exec({ script: "echo ready", timeoutMs: 60_000, silenceMs: 60_000 }, signal)
process.stdout.write("ready\n")
setInterval(() => undefined, 60_000)
