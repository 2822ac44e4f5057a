import { Client } from "@remote-swe/core/client"
import { Logger } from "@remote-swe/core/logger"
import manifest from "../package.json" with { type: "json" }
import { assemble } from "./assembly.ts"
import { clock } from "./clock.ts"
import { parse } from "./config.ts"
import { equip } from "./equip.ts"
import { preload } from "./model/provider.ts"

const leave = new AbortController()
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => leave.abort())

const work = async () => {
  const config = await equip(parse(process.env), clock, leave.signal)
  const client = Client.worker({ url: config.apiURL, token: config.token })
  // What takes longest to start does so while the rest is loaded; if it fails by then, `run` tells of it.
  const assignment = client.session()
  const assembly = assemble(config, client, assignment)
  for (const early of [assignment, assembly]) early.catch(() => undefined)
  const parts = [import("./runner.ts"), import("./tool/index.ts"), preload(config.anthropic)] as const
  const [{ run }, { tools }] = await Promise.all(parts)
  await run({ config, client, assignment, assembly, tools, clock, version: manifest.version, leave: leave.signal })
}

await work().then(
  () => process.exit(0),
  (error: unknown) => {
    Logger.error("the worker failed", { error })
    process.exit(1)
  },
)
