import * as v from "valibot"

const text = v.pipe(v.string(), v.minLength(1))

const Environment = v.object({
  REMOTE_SWE_API_URL: v.pipe(v.string(), v.url()),
  REMOTE_SWE_SESSION_TOKEN: v.pipe(v.string(), v.startsWith("swe_w_")),
  REMOTE_SWE_WORKER_DIR: text,
  ANTHROPIC_API_KEY: v.optional(v.string()),
  ANTHROPIC_BASE_URL: v.optional(v.string()),
  GITHUB_SERVER_URL: v.optional(v.string()),
  GITHUB_API_URL: v.optional(v.string()),
})

export type Config = ReturnType<typeof parse>

/** The worker's settings; throws an error that names the variable which is not right. */
export function parse(environment: NodeJS.ProcessEnv) {
  const parsed = v.safeParse(Environment, environment)
  if (!parsed.success) {
    const [issue] = parsed.issues
    throw new Error(`The environment variable ${v.getDotPath(issue)} is not right: ${issue.message}`)
  }
  const given = parsed.output
  return {
    apiURL: given.REMOTE_SWE_API_URL,
    token: given.REMOTE_SWE_SESSION_TOKEN,
    dir: given.REMOTE_SWE_WORKER_DIR,
    anthropic: { apiKey: given.ANTHROPIC_API_KEY || undefined, baseURL: given.ANTHROPIC_BASE_URL || undefined },
    github: { serverURL: given.GITHUB_SERVER_URL || undefined, apiURL: given.GITHUB_API_URL || undefined },
  }
}
