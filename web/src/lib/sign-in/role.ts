import type { Person, Role } from "@remote-swe/core/sign-in/schema"

export interface Rules {
  /** The claim that names roles, or the path to it, such as `realm_access.roles`. */
  rolesClaim: string
  memberRole: string
  adminRole: string
}

export type Claims = Readonly<Record<string, unknown>>

/** The role that stands for whoever the issuer lets in. */
const anybody = "*"

/** Who the issuer says somebody is; undefined where they have no role here. */
export function personOf(claims: Claims, userID: string, rules: Rules): Person | undefined {
  const role = roleOf(rolesIn(claims, rules.rolesClaim) ?? [], rules)
  if (!role) return undefined
  const email = text(claims, "email")?.slice(0, 320)
  const name = text(claims, "name") ?? text(claims, "preferred_username") ?? email ?? userID
  return { userID, name: name.slice(0, 200), role, ...(email && { email }) }
}

/** The roles in a claim: a list, or a text that may be one; undefined where there is no such claim. */
export function rolesIn(claims: Claims, claim: string): readonly string[] | undefined {
  const found = claims[claim] ?? claim.split(".").reduce<unknown>(property, claims)
  if (typeof found === "string") return [found, ...found.split(/[\s,]+/)]
  return Array.isArray(found) ? found.filter((item) => typeof item === "string") : undefined
}

function roleOf(roles: readonly string[], { memberRole, adminRole }: Rules): Role | undefined {
  const has = (role: string) => role === anybody || roles.includes(role)
  if (has(adminRole)) return "admin"
  return has(memberRole) ? "member" : undefined
}

function property(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}

function text(claims: Claims, name: string) {
  const value = claims[name]
  return typeof value === "string" ? value.trim() || undefined : undefined
}
