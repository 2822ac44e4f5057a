import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { build } from "../../scripts/worker.mjs"
import type { Order, Report } from "../../packages/local/test/machine/message.ts"
import * as Control from "./control.ts"
import { boot, type Root } from "./root.ts"
import { lacking, run } from "./util.ts"
import { open } from "./world.ts"

/** Why no machine can be booted here: said in one line. */
export const cannotBoot = () => {
  const install = ["debootstrap", "unshare", "chroot"]
  const programs = ["systemd-nspawn", "nsenter", "ip", "nft", "ping", "setpriv", "git"]
  return lacking("machine", [...install, ...programs], true)
}

/** Boots a machine that has the real worker do tasks against a real control plane, until it switches itself off. */
export async function serve(root: Root, order: Order) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "swe-machine-"))
  const world = await open()
  const control = await Control.open(world, build(folder).file)
  let said = ""
  try {
    const report = await control.run(order, async (logs) => {
      await point(root, logs)
      const { stdout, stderr } = await boot(root.path, world.inside)
      said = stdout + stderr
    })
    return { said, ...report, result: (id: string) => result(report, id) }
  } catch (error) {
    const last = control.heard.slice(-3).map((item) => JSON.stringify(item).slice(0, 1_000))
    throw new Error([said.slice(-2_000), await journal(root), ...last].join("\n"), { cause: error })
  } finally {
    await control.close()
    await world.close()
    await rm(folder, { recursive: true })
  }
}

export type Served = Awaited<ReturnType<typeof serve>>

/** What a call gave, as text. */
function result({ events }: Report, id: string) {
  const found = events.find((event) => event.kind === "result" && event.callID === id)
  if (found?.kind !== "result") throw new Error(`There is no result of ${id}`)
  return found.content
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("\n")
    .trim()
}

/** Sends the log somewhere else than to AWS. */
async function point(root: Root, logs: string) {
  const settings = path.join(root.path, "etc/systemd/system/remote-swe-log.service.d")
  await mkdir(settings, { recursive: true })
  await writeFile(path.join(settings, "test.conf"), `[Service]\nEnvironment=REMOTE_SWE_LOGS=${logs}\n`)
}

async function journal(root: Root) {
  const place = path.join(root.path, "var/log/journal")
  return (await run(["journalctl", "--no-pager", "-D", place, "--unit=remote-swe-*", "--lines=200"])).stdout
}
