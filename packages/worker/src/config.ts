import * as v from "valibot"

const text = v.pipe(v.string(), v.minLength(1))

const Environment = v.object({
  REMOTE_SWE_API_URL: v.pipe(v.string(), v.url()),
  REMOTE_SWE_WORKER_DIR: text,
  REMOTE_SWE_SANDBOX_HOST: v.optional(text),
  REMOTE_SWE_SANDBOX_SOCKET: v.optional(text),
  REMOTE_SWE_REFUSALS_SOCKET: v.optional(text),
  ANTHROPIC_API_KEY: v.optional(v.string()),
  ANTHROPIC_BASE_URL: v.optional(v.string()),
  GITHUB_SERVER_URL: v.optional(v.string()),
  GITHUB_API_URL: v.optional(v.string()),
})

/** Whoever starts hosts for us also ends them. */
const Stop = v.object({ REMOTE_SWE_SANDBOX_STOP_SOCKET: text })

/** What is secret is not repeated. */
const token = v.pipe(v.string(), v.regex(/^swe_w_ses_[0-9a-z]+_/, "It must be a session token"))
/** A laptop hands the worker its token, which names the session. */
const Handed = v.object({ REMOTE_SWE_SESSION_TOKEN: token })
/** A machine proves what it is, and gets one for that. */
const Proving = v.object({
  REMOTE_SWE_SESSION_ID: text,
  REMOTE_SWE_GENERATION: v.pipe(text, v.toNumber(), v.integer(), v.minValue(1)),
  AWS_REGION: text,
})

/** What the environment says. */
export type Given = ReturnType<typeof parse>

/** With what the worker works: what the environment says, and the secrets that it had to ask for. */
export type Config = Omit<Given, "access"> & { sessionID: string; token: string }

/** How the worker comes by its session token. */
export type Access =
  | { type: "token"; sessionID: string; token: string }
  | { type: "machine"; sessionID: string; generation: number; region: string }

/** The worker's settings; throws an error that names the variable which is not right. */
export function parse(environment: NodeJS.ProcessEnv) {
  const given = check(Environment, environment)
  return {
    apiURL: given.REMOTE_SWE_API_URL,
    access: access(environment),
    dir: given.REMOTE_SWE_WORKER_DIR,
    host: given.REMOTE_SWE_SANDBOX_HOST,
    sockets: sockets(environment, given.REMOTE_SWE_SANDBOX_SOCKET),
    /** Where the machine tells what its firewall refused to commands. */
    refusals: given.REMOTE_SWE_REFUSALS_SOCKET,
    anthropic: { apiKey: given.ANTHROPIC_API_KEY || undefined, baseURL: given.ANTHROPIC_BASE_URL || undefined },
    github: { serverURL: given.GITHUB_SERVER_URL || undefined, apiURL: given.GITHUB_API_URL || undefined },
  }
}

function sockets(environment: NodeJS.ProcessEnv, host: string | undefined) {
  if (host === undefined) return
  return { host, stop: check(Stop, environment).REMOTE_SWE_SANDBOX_STOP_SOCKET }
}

function access(environment: NodeJS.ProcessEnv): Access {
  if (environment["REMOTE_SWE_SESSION_ID"] === undefined || environment["REMOTE_SWE_SESSION_TOKEN"] !== undefined)
    return handed(check(Handed, environment).REMOTE_SWE_SESSION_TOKEN)
  const given = check(Proving, environment)
  return {
    type: "machine",
    sessionID: given.REMOTE_SWE_SESSION_ID,
    generation: given.REMOTE_SWE_GENERATION,
    region: given.AWS_REGION,
  }
}

const handed = (token: string): Access => ({ type: "token", sessionID: token.split("_").slice(2, 4).join("_"), token })

function check<Schema extends v.GenericSchema>(schema: Schema, environment: NodeJS.ProcessEnv) {
  const parsed = v.safeParse(schema, environment)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw new Error(`The environment variable ${v.getDotPath(issue)} is not right: ${issue.message}`)
}
