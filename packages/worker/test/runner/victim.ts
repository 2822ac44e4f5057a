import { Client } from "@remote-swe/core/client"
import { assemble } from "../../src/assembly.ts"
import { clock } from "../../src/clock.ts"
import { run } from "../../src/runner.ts"
import { tools } from "../../src/tool/index.ts"

/** A worker that is going to be killed. It saves as often as it can. */
const [config = "{}"] = process.argv.slice(2)
const { apiURL, sessionID, token, dir, model } = JSON.parse(config)
const options = {
  apiURL,
  sessionID,
  token,
  dir,
  anthropic: { apiKey: "key", baseURL: model },
  host: undefined,
  refusals: undefined,
  sockets: undefined,
  github: { serverURL: undefined, apiURL: undefined },
}
const client = Client.worker({ url: apiURL, token })
const assignment = client.session()
await run({
  config: options,
  client,
  assignment,
  assembly: assemble(options, client, assignment, { kind: "none" }),
  tools,
  clock,
  version: "test",
  leave: new AbortController().signal,
  saving: { leastMs: 50, share: 0 },
})
