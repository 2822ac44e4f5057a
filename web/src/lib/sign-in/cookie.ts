/** The cookies of signing in: for the server alone, and bound to this host where there is TLS. */

export interface Cookie {
  name: string
  value: string
  /** 0 takes the cookie away. */
  seconds: number
}

/** The browser takes a cookie with this prefix from this very host only, over TLS, and for all paths. */
const prefix = "__Host-"
const person = "swe_person"
const attempt = "swe_attempt_"

export const personName = (isSecure: boolean) => full(person, isSecure)

/** Each attempt has its own, so that one in another tab does not end it. */
export const attemptName = (state: string, isSecure: boolean) => full(attempt + state.slice(0, 12), isSecure)

/** Cookies of attempts that are under way. */
export const attemptNames = (header: string | null, isSecure: boolean) =>
  pairs(header).flatMap(([name]) => (name.startsWith(full(attempt, isSecure)) ? [name] : []))

/** The cookie as the browser sent it; undefined where it did not, or did twice. */
export function read(header: string | null, name: string) {
  const found = pairs(header).filter(([each]) => each === name)
  return found.length === 1 ? found[0]?.[1] : undefined
}

/** For `Set-Cookie`. */
export function write({ name, value, seconds }: Cookie) {
  const secure = name.startsWith(prefix) ? "; Secure" : ""
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`
}

const full = (name: string, isSecure: boolean) => (isSecure ? prefix + name : name)

function pairs(header: string | null): (readonly [name: string, value: string])[] {
  return (header ?? "").split(";").flatMap((item) => {
    const at = item.indexOf("=")
    return at < 0 ? [] : [[item.slice(0, at).trim(), item.slice(at + 1).trim()] as const]
  })
}
