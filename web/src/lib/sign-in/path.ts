/** Only for parsing: a path that leads anywhere else is not one of ours. */
const base = "https://dashboard.invalid"
/** Where nobody wants to come back to. */
const away = /^\/(?:auth|_server|api)(?:[/?#]|$)/

/** Where to go after signing in: a page of this dashboard, whatever `wanted` says. */
export function returnPath(wanted: string | null | undefined) {
  if (!wanted?.startsWith("/") || wanted.length > 2_000 || !URL.canParse(wanted, base)) return "/"
  const { origin, pathname, search, hash } = new URL(wanted, base)
  // Two slashes at the start would name another host.
  if (origin !== base || /^\/[/\\]/.test(pathname) || away.test(pathname)) return "/"
  return pathname + search + hash
}

/** Where to sign in, and come back to `path` after that. */
export const loginPath = (path: string) => `/auth/login?${new URLSearchParams({ to: path })}`
