/** Cookies that hold how a person likes to see the dashboard: nothing secret, nothing that decides. */
export function readCookie(header: string | null | undefined, name: string) {
  const pair = header?.split(/; */).find((item) => item.startsWith(`${name}=`))
  return pair && decodeURIComponent(pair.slice(name.length + 1))
}

export function writeCookie(name: string, value: string) {
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`
}
