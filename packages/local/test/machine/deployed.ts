import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdirSync } from "node:fs"
import path from "node:path"
import { Client } from "@remote-swe/core/client"
import type { Machine } from "@remote-swe/core/machine"
import { build } from "../../../../scripts/worker.mjs"
import * as Units from "../../../worker/test/sandbox/units.ts"
import * as Cloud from "./cloud.ts"

export interface Options {
  folder: string
  /** Of the model. */
  model: string
  idleMs: number
  /** Whether somebody starts hosts for a worker that starts now. */
  hosts?(): boolean
}

export interface Worker {
  child: ChildProcess
  startedAt: number
}

/** The control plane, and machines that are processes of the program that would be deployed. */
export async function start({ folder, model, idleMs, hosts = () => true }: Options) {
  const { file, bytes } = build(folder)
  const program = path.join(folder, "program")
  mkdirSync(program)
  execFileSync("tar", ["-xzf", file, "-C", program])
  const key = `swe_k_${randomBytes(20).toString("hex")}`
  const secrets = { github: "none", model: "none", api: key }
  const address = { host: "127.0.0.1", port: 0 }
  const cloud = await Cloud.start({ folder, address, sts: "http://127.0.0.1:9", secrets, model, idleMs, beside: {} })
  const workers = new Map<string, Worker>()

  const provider: Machine.Provider = {
    async start({ sessionID, token }) {
      const dir = path.join(folder, sessionID)
      const units = await Units.start(dir, path.join(program, "host.mjs"))
      const sockets = {
        REMOTE_SWE_SANDBOX_SOCKET: units.sockets.host,
        REMOTE_SWE_SANDBOX_STOP_SOCKET: units.sockets.stop,
      }
      const startedAt = Date.now()
      const child = spawn(process.execPath, [path.join(program, "index.mjs")], {
        stdio: "ignore",
        env: {
          PATH: process.env["PATH"],
          REMOTE_SWE_API_URL: `${cloud.origin}/api/v1`,
          REMOTE_SWE_SESSION_TOKEN: token,
          REMOTE_SWE_WORKER_DIR: dir,
          ...(hosts() && sockets),
        },
      })
      workers.set(sessionID, { child, startedAt })
      child.once("exit", () => void units.close())
    },
    describe: async ({ sessionID }) => ({ type: workers.has(sessionID) ? "alive" : "absent" }),
    terminate: async () => undefined,
    list: async () => [],
  }
  cloud.queue.subscribe(cloud.launcher(cloud.world(provider, idleMs)))
  const client = Client.create({ url: `${cloud.origin}/api/v1`, key })
  return { client, workers, bytes, close: cloud.close }
}
