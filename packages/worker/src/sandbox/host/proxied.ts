const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
/** This machine's own, where the command's servers are. */
const direct = "localhost,127.0.0.1,::1"
/** What leads through another proxy, or around any. */
const foreign = /proxy|^GIT_SSH_COMMAND$/i
const switches = ["NODE_USE_ENV_PROXY"]

/** The environment of a command that has a proxy of its own: nothing in it leads another way. */
export function proxied(environment: NodeJS.ProcessEnv, proxy: string | undefined): NodeJS.ProcessEnv {
  if (proxy === undefined) return environment
  const kept = Object.entries(environment).filter(([name]) => switches.includes(name) || !foreign.test(name))
  const own = names.flatMap((name) => [[name, proxy] as const, [name.toLowerCase(), proxy] as const])
  return { ...Object.fromEntries(kept), ...Object.fromEntries(own), NO_PROXY: direct, no_proxy: direct }
}
