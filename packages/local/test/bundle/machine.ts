import { type ChildProcess, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { mkdir, open } from "node:fs/promises"
import { createServer } from "node:http"
import path from "node:path"
import { verify } from "../../src/cloud/signature.ts"
import { close, listen } from "../../src/net.ts"
import { program } from "../../src/process/provider.ts"
import { killGroup } from "../../src/process/record.ts"
import * as Sts from "../sts.ts"

/** Machines that are processes, each with a role of its own: metadata to ask for it, and STS to prove it to. */

export const assumedRole = "arn:aws:sts::000000000000:assumed-role/Worker"

interface Machine {
  child: ChildProcess
  credentials: { id: string; secret: string }
  close(): Promise<void>
}

const leash = new URL("../../src/process/leash.ts", import.meta.url).href

export async function create(folder: string, environment: Record<string, string>) {
  const machines = new Map<string, Machine>()

  const sts = await Sts.serve((request) => {
    const [id] = [...machines].find(([, { credentials }]) => verify(request, credentials)) ?? []
    return id && `${assumedRole}/${id}`
  })

  return {
    sts: sts.url,
    /** Boots a machine; `variables` are the ones that its user data writes down. */
    async boot(id: string, variables: Record<string, string>) {
      const credentials = { id: `ASIA${randomBytes(8).toString("hex")}`, secret: randomBytes(20).toString("hex") }
      const metadata = await serve(credentials)
      const home = path.join(folder, id)
      await mkdir(home, { recursive: true })
      const log = await open(path.join(folder, `${id}.log`), "a")
      const child = spawn(process.execPath, ["--import", leash, program], {
        cwd: home,
        detached: true,
        stdio: ["ignore", log.fd, log.fd, "pipe"],
        env: {
          ...environment,
          ...variables,
          REMOTE_SWE_WORKER_DIR: home,
          AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
        },
      })
      await once(child, "spawn").finally(() => log.close())
      machines.set(id, { child, credentials, close: metadata.close })
    },
    isAlive(id: string) {
      const child = machines.get(id)?.child
      return child !== undefined && child.exitCode === null && child.signalCode === null
    },
    terminate: (id: string) => void machines.get(id)?.child.kill("SIGTERM"),
    crash: (id: string) => end(machines.get(id)),
    async close() {
      for (const machine of machines.values()) end(machine)
      await Promise.all([sts.close(), ...[...machines.values()].map((machine) => machine.close())])
    },
  }
}

export type Machines = Awaited<ReturnType<typeof create>>

function end(machine: Machine | undefined) {
  if (machine?.child.pid) killGroup(machine.child.pid)
}

/** What a machine is told of its role, by version 2 of the service. */
async function serve({ id, secret }: Machine["credentials"]) {
  const token = randomBytes(16).toString("hex")
  const Expiration = new Date(Date.now() + 3_600_000).toISOString()
  const role = { Code: "Success", Type: "AWS-HMAC", AccessKeyId: id, SecretAccessKey: secret, Token: token, Expiration }
  const server = createServer((request, response) => {
    if (request.method === "PUT") return response.end(token)
    if (request.headers["x-aws-ec2-metadata-token"] !== token) return response.writeHead(401).end()
    response.end(request.url?.endsWith("/security-credentials/role") ? JSON.stringify(role) : "role")
  })
  const port = await listen(server, { host: "127.0.0.1", port: 0 })
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) }
}
