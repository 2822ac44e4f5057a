import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { build } from "../../scripts/worker.mjs"
import type { Order, Report } from "./message.ts"
import * as Control from "./control.ts"
import * as Nspawn from "./nspawn.ts"
import type { Root } from "./root.ts"
import { lacking, must, run } from "./util.ts"
import * as Vm from "./vm.ts"
import { open } from "./world.ts"

/** `vm`: a virtual machine instead of a container. */
export const isVm = process.env["IMAGE_MACHINE"] === "vm"

/** Why no machine can be booted here: said in one line. */
export const cannotBoot = () => {
  const common = ["debootstrap", "unshare", "chroot", "ip", "nft", "ping", "git", "mke2fs", "tune2fs"]
  return lacking("machine", [...common, ...(isVm ? Vm.programs : Nspawn.programs)], true)
}

export interface Options extends Order {
  /** Files that this machine has besides. */
  files?: Record<string, string>
  /** Megabytes of the session's disk. */
  disk?: number
  idleMs?: number
  /** What user data says besides. */
  settings?: Record<string, string>
}

/** Boots a machine that has the real worker do tasks against a real control plane, until it switches itself off. */
export async function serve(root: Root, { files = {}, disk = 1_000, idleMs, settings = {}, ...order }: Options) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "swe-machine-"))
  const world = await open()
  // In software everything takes its time, also to find out that there is nothing to do.
  const control = await Control.open(world, build(folder).file, idleMs ?? (isVm ? 20_000 : 2_000), settings)
  let said = ""
  let startedAt = 0
  try {
    for (const [name, text] of Object.entries(files)) await put(root, name, text)
    const image = await format(path.join(folder, "session.img"), disk)
    const report = await control.run(order, async (logs) => {
      const name = "etc/systemd/system/remote-swe-log.service.d/test.conf"
      await put(root, name, `[Service]\nEnvironment=REMOTE_SWE_LOGS=${logs}\n`)
      startedAt = Date.now()
      const { stdout, stderr } = await (isVm ? Vm.boot(root, world, image) : Nspawn.boot(root.path, world, image))
      said = stdout + stderr
    })
    return { said, startedAt, ...report, ...look(report) }
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
type Event = Report["events"][number]

function look({ events }: Report) {
  const of = <Kind extends Event["kind"]>(kind: Kind) =>
    events.filter((event): event is Extract<Event, { kind: Kind }> => event.kind === kind)
  return {
    of,
    outcomes: () => of("turn").flatMap(({ turn }) => (turn.phase === "ended" ? [turn.outcome] : [])),
    /** What a call gave, as text. */
    result(id: string) {
      const found = of("result").find(({ callID }) => callID === id)
      if (!found) throw new Error(`There is no result of ${id}`)
      const texts = found.content.map((part) => (part.type === "text" ? part.text : ""))
      return texts.join("\n").trim()
    },
  }
}

/** A disk as an image of Debian has it, with what is kept for the daemon. */
async function format(file: string, megabytes: number) {
  await must("truncate", "-s", `${megabytes}M`, file)
  await must("mke2fs", "-q", "-t", "ext4", "-m", "2", file)
  await must("tune2fs", "-g", "910", file)
  return file
}

async function put(root: Root, name: string, text: string) {
  const file = path.join(root.path, name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
}

async function journal(root: Root) {
  const place = path.join(root.path, "var/log/journal")
  return (await run(["journalctl", "--no-pager", "-D", place, "--unit=remote-swe-*", "--lines=200"])).stdout
}
