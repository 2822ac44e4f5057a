import type { Client } from "@remote-swe/core/client"
import { Logger } from "@remote-swe/core/logger"
import type { Assignment } from "@remote-swe/core/protocol/schema"
import * as Attachment from "./attachment.ts"
import type { Config } from "./config.ts"
import { Egress } from "./egress/index.ts"
import { credential } from "./git/credential.ts"
import { Gateway } from "./git/gateway.ts"
import * as Guard from "./guard.ts"
import { Sandbox } from "./sandbox/index.ts"
import type { Tool } from "./tool/tool.ts"
import { Workspace } from "./workspace/index.ts"

/** What a session's work happens in, on this machine. */
export type Assembly = Awaited<ReturnType<typeof assemble>>

const spillLimit = 30_000_000

/** The sandbox takes longest of all that a worker starts. `kind` and `way` are for tests; by default a probe decides, and it is the internet. */
export async function assemble(
  config: Config,
  client: Client.Worker,
  assignment: Promise<Pick<Assignment, "policy">>,
  { kind, way }: { kind?: "none"; way?: Egress.Way } = {},
) {
  await using parts = new AsyncDisposableStack()
  const gateway = await Gateway.open({
    branch: Workspace.branch(config.sessionID),
    credential: (url) => credential(client, url),
    forbidden: [config.dir],
  })
  parts.defer(() => gateway.close())
  const { policy } = await assignment
  const egress = policy.egress && (await Egress.open(way))
  if (egress) parts.defer(() => egress.close())
  const sandbox = await Sandbox.open({
    dir: config.dir,
    host: config.host,
    sockets: config.sockets,
    gatewayPort: gateway.port,
    egress,
    ...(kind && { kind }),
  })
  parts.defer(() => sandbox.close())
  if (config.refusals) egress?.watch(config.refusals, () => sandbox.jobs())
  const files: Tool.Context["files"] = {
    put: (name, type, bytes) => client.upload(name, type, bytes),
    get: (file) => client.download(file),
  }
  const { serverURL, apiURL } = config.github
  const workspace = await Workspace.open({ sandbox, gateway, files, serverURL, apiURL })
  const guard = await Guard.create(sandbox)
  const attachments = Attachment.create({ sandbox, download: files.get })

  /** Keeps the whole of a long output for commands to look at. */
  async function spill(callID: string, text: string) {
    const path = `${sandbox.tmp}/output-${callID.replaceAll(/[^\w-]/g, "_").slice(-60)}.txt`
    return sandbox.writeFile(path, Buffer.from(text.slice(0, spillLimit))).then(
      () => path,
      (error: unknown) => {
        Logger.warn("a long output could not be kept", { callID, error })
        return undefined
      },
    )
  }

  const held = parts.move()
  return { sandbox, egress, guard, workspace, files, attachments, spill, close: () => held.disposeAsync() }
}
