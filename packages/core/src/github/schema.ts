import * as v from "valibot"

/** GitHub's own server; another one is an Enterprise Server, an enterprise's host below ghe.com, or a test double. */
export const server = "https://github.com"

/** Where the REST API of the GitHub at `serverURL` is. */
export function apiURL(serverURL: string = server) {
  const base = serverURL.replace(/\/+$/, "")
  const { protocol, host } = new URL(base)
  if (base === server) return "https://api.github.com"
  return host.endsWith(".ghe.com") ? `${protocol}//api.${host}` : `${base}/api/v3`
}

/** Whose commits they are. */
export const Author = v.strictObject({ name: v.string(), email: v.string() })
export type Author = v.InferOutput<typeof Author>

/** Codes of what a GitHub App is not let do. */
export const problem = {
  /** It has no installation with the repository in it. What is public can be read all the same. */
  installation: "github.installation",
  refused: "github.refused",
  unreachable: "github.unreachable",
} as const
