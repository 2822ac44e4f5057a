import { once } from "node:events"
import { Resource } from "sst"
import { connect } from "./socket.ts"

/** The pane of `sst dev`: Slack reaches a personal stage by a connection of ours. */

const socket = connect(Resource.SlackAppToken.value)
const signals = ["SIGINT", "SIGTERM", "SIGHUP"]
await Promise.race(signals.map((signal) => once(process, signal)))
await socket.close()
process.exit()
