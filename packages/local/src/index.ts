import { inspect, parseArgs } from "node:util"
import { VisibleError } from "@remote-swe/core/error"
import { load, save } from "./archive/index.ts"
import { Config, ConfigError } from "./config.ts"
import { TakenError } from "./home.ts"
import { command } from "./run/index.ts"
import { PortError } from "./server.ts"
import { onEnd } from "./signal.ts"
import { start } from "./system.ts"

const usage = `Usage: npm start                                     the whole system, until Ctrl-C
       npm start -- run "<task>" [--repo <path or URL>]  one session, from this terminal
       npm start -- export <folder> [<session> …]        sessions as folders, all or these
       npm start -- import <folder>                      new sessions of what was exported
Each of the last three takes --url <dashboard>: there, with an API key of that system in REMOTE_SWE_API_KEY.`

const say = (text: string) => void process.stdout.write(`${text}\n`)

async function main() {
  const config = Config.read()
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      repo: { type: "string" },
      model: { type: "string" },
      url: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  })
  if (values.help) return say(usage)
  const [verb, ...words] = positionals
  if (verb === undefined) return system(config)
  const [folder, ...ids] = words
  const { url } = values
  if (verb === "export" && folder) return save({ config, folder, url, ids })
  if (verb === "import" && folder && ids.length === 0) return load({ config, folder, url })
  const task = words.join(" ").trim()
  if (verb !== "run" || task === "") throw new ConfigError(usage)
  process.exitCode = await command({ config, task, repository: values.repo, model: values.model, url })
}

async function system(config: Config.Info) {
  say(`Remote SWE keeps its state in ${config.home}`)
  const stopping = onEnd()
  const running = await start(config)
  say(
    config.model.provider === "demo"
      ? "Demo model: it plays one recorded task. For a real one: ANTHROPIC_API_KEY=sk-ant-… npm start"
      : `Model: ${config.model.id}${place(config.model)}`,
  )
  say(config.apiKey ? "API key: the one in REMOTE_SWE_API_KEY" : `API key: in ${config.home}/api-key`)
  if (config.slack) say(slack(config.slack))
  say(`Remote SWE ready at ${running.url}`)
  await stopping
  say("Stopping …")
  await running.stop()
  say("Stopped")
}

function place({ provider, url }: Config.Info["model"]) {
  if (provider === "bedrock") return " on Amazon Bedrock"
  return url ? ` at ${url}` : ""
}

function slack({ appToken, admins }: NonNullable<Config.Info["slack"]>) {
  const way = appToken ? "in socket mode" : "at /slack/events"
  return `Slack: ${way}${admins ? "" : "; every full member of the workspace may give tasks (SLACK_ADMIN_USER_ID_LIST)"}`
}

const known = [ConfigError, TakenError, PortError, VisibleError]

const isArguments = (error: unknown) =>
  error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")

main().then(
  () => process.exit(),
  (error: unknown) => {
    const isKnown = known.some((kind) => error instanceof kind) || isArguments(error)
    process.stderr.write(isKnown && error instanceof Error ? `${error.message}\n` : `${inspect(error)}\n`)
    process.exit(1)
  },
)
