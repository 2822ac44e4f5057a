import type { Scenes } from "./scenes.ts"

/**
 * `sst-env.d.ts`, from what functions and dashboard are linked to. SST writes that file as well when it
 * deploys; ours also knows what a single deployment cannot tell.
 */

/** Values that are one of a few, and what only the local system sets. */
const refined: Record<string, Record<string, string>> = {
  SlackSettings: { "apiURL?": "string" },
  Worker: { poolState: '"running" | "stopped"' },
  Settings: {
    provider: '"anthropic" | "bedrock" | "demo"',
    machine: '"process" | "ec2"',
    "geography?": '"global" | "us" | "eu" | "jp" | "au" | "in"',
    "egress?": "string[]",
    "suggestion?": "{ title: string; message: string; repository: string }",
  },
}

const comments: Record<string, Record<string, string>> = {
  SlackSettings: {
    admins: "Ids of people, comma separated; empty where everybody of the workspace may use the bot.",
    "apiURL?": "Another Slack, or a test double; slack.com's where it is absent.",
  },
  Settings: {
    "anthropicBaseURL?": "Any server that speaks Anthropic's Messages API; Anthropic's own where it is absent.",
    "egress?": "Hosts that what the model runs may reach; everything where it is absent.",
    "geography?": "Where Bedrock may answer: everywhere where it is absent.",
    "githubAPIURL?": "Where its REST API is; where it is by default where this is absent.",
    "githubServerURL?": "GitHub Enterprise Server, or a test double; github.com where it is absent.",
    "workerLogsURL?": "Where people read what machines log; absent where there are no machines.",
    "suggestion?": "A task that a new installation offers as its first.",
  },
  Auth: {
    rolesClaim: "The claim that names a person's roles, or the path to it.",
    memberRole: 'Whoever has it is a member; "*": everybody whom the issuer lets in.',
    logoutURL: "Where to send who signs out, where the issuer's discovery document does not say it; else empty.",
  },
}

/** What only a pane of `sst dev` is linked to. */
const panes = ["SlackAppToken"]

export function declaration(scenes: Scenes) {
  const results = Object.values(scenes)
  const linked = new Set([...panes, ...results.flatMap((result) => result.functions).flatMap((item) => item.links)])
  const names = [...linked].sort()
  const blocks = names.map((name) => {
    const seen = results.flatMap((result): Record<string, unknown>[] =>
      result.links[name] ? [result.links[name]] : [],
    )
    return `    ${name}: {\n${fields(name, seen).join("\n")}\n    }`
  })
  return [
    "/* What infra links, as `Resource` of `sst` sees it. Written by `npm run infra -- types`. */",
    "/* eslint-disable */",
    'import "sst"',
    'declare module "sst" {',
    "  export interface Resource {",
    "    App: { name: string; stage: string }",
    ...blocks,
    "  }",
    "}",
    "export {}",
    "",
  ].join("\n")
}

/** A field that not every deployment has is optional. */
function fields(name: string, seen: Record<string, unknown>[]) {
  const keys = [...new Set(seen.flatMap(Object.keys))]
  const found = keys.map((key) => {
    const always = seen.every((properties) => key in properties)
    const value = seen.find((properties) => key in properties)?.[key]
    return [always ? key : `${key}?`, key === "type" ? JSON.stringify(value) : typeOf(value)] as const
  })
  const all = { ...Object.fromEntries(found), ...refined[name] }
  return Object.entries(all)
    .sort(([one], [other]) => order(one).localeCompare(order(other)))
    .flatMap(([key, type]) => {
      const comment = comments[name]?.[key]
      return [...(comment ? [`      /** ${comment} */`] : []), `      ${key}: ${type}`]
    })
}

const order = (key: string) => (key === "type" ? "" : key)

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return `${typeOf(value[0])}[]`
  if (["string", "number", "boolean"].includes(typeof value)) return typeof value
  throw new Error(`A link holds ${JSON.stringify(value)}, which has no simple type`)
}
