import { fork } from "node:child_process"
import { once } from "node:events"
import path from "node:path"
import type { Order, Report, Said } from "./message.ts"
import { folder } from "./util.ts"
import { place, type World } from "./world.ts"

const program = path.resolve(folder, "../packages/local/test/machine/control.ts")

/** The control plane and the metadata address, out in the world. */
export async function open(
  { outsideOf: [enter = "", ...where] }: World,
  bundle: string,
  idleMs: number,
  settings: Record<string, string>,
) {
  const options = ["--disable-warning=ExperimentalWarning", program, place.metadata4, place.outside4, bundle]
  const child = fork("", [], {
    execPath: enter,
    execArgv: [...where, process.execPath, ...options, String(idleMs), JSON.stringify(settings)],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  })
  const heard: Said[] = []
  const [first] = (await once(child, "message")) as [Said]
  if (first.type !== "ready") throw new Error("The control plane did not start")

  return {
    heard,
    /** Gives a machine its tasks; `boot` starts it when it is asked for, and ends when it is off. */
    async run(order: Order, boot: (logs: string) => Promise<unknown>) {
      let machine: Promise<unknown> | undefined
      const report = new Promise<Report>((resolve, reject) => {
        child.on("message", (said: Said) => {
          heard.push(said)
          if (said.type === "boot") {
            machine = boot(said.logs)
            machine.then(
              () => setTimeout(() => reject(new Error("The machine is off, and its worker has not left")), 1_000),
              reject,
            )
          }
          if (said.type === "report") resolve(said.report)
          if (said.type === "failed") reject(new Error(said.why))
        })
        child.once("exit", () => reject(new Error("The control plane ended")))
      })
      child.send(order)
      const told = await report
      await machine
      return told
    },
    async close() {
      if (child.connected) child.disconnect()
      if (child.exitCode === null) await once(child, "exit")
    },
  }
}
