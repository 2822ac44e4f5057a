import { Logger } from "@remote-swe/core/logger"
import manifest from "../package.json" with { type: "json" }
import { clock } from "./clock.ts"
import { parse } from "./config.ts"
import { equip } from "./equip.ts"
import { run } from "./runner.ts"
import { tools } from "./tool/index.ts"

const leave = new AbortController()
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => leave.abort())

const work = async () => {
  const config = await equip(parse(process.env), clock, leave.signal)
  await run({ config, tools, clock, version: manifest.version, leave: leave.signal })
}

await work().then(
  () => process.exit(0),
  (error: unknown) => {
    Logger.error("the worker failed", { error })
    process.exit(1)
  },
)
