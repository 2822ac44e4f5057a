import { describe, expect, test } from "vitest"
import { personOf, rolesIn } from "../../../src/lib/sign-in/role.ts"

const rules = { rolesClaim: "groups", memberRole: "member", adminRole: "admin" }
const roleIn = (claims: object, more: Partial<typeof rules> = {}) =>
  personOf({ ...claims }, "u", { ...rules, ...more })?.role

describe("a role", () => {
  test.each([
    [{ groups: ["member"] }, "member"],
    [{ groups: ["x", "admin", "member"] }, "admin"],
    [{ groups: "admin" }, "admin"],
    [{ groups: "x, member y" }, "member"],
    [{ groups: [] }, undefined],
    [{ groups: ["Admin", "administrators", "members"] }, undefined],
    [{ groups: [{ admin: true }, 1, null, ["admin"]] }, undefined],
    [{ groups: { admin: true } }, undefined],
    [{}, undefined],
  ])("in %j is %s", (claims, role) => expect(roleIn(claims)).toBe(role))

  test("stands where the issuer keeps it", () => {
    const where = (rolesClaim: string, claims: object) => roleIn(claims, { rolesClaim })
    expect(where("cognito:groups", { "cognito:groups": ["admin"] })).toBe("admin")
    expect(where("realm_access.roles", { realm_access: { roles: ["member"] } })).toBe("member")
    expect(where("https://a.example/roles", { "https://a.example/roles": ["member"] })).toBe("member")
    expect(where("a.b.c", { a: { b: null } })).toBeUndefined()
    expect(where("constructor.name", {})).toBeUndefined()
    expect(where("__proto__", {})).toBeUndefined()
  })

  test("may be everybody's, and may have spaces", () => {
    expect(roleIn({}, { memberRole: "*" })).toBe("member")
    expect(roleIn({ groups: ["admin"] }, { memberRole: "*" })).toBe("admin")
    expect(roleIn({ groups: ["*"] })).toBeUndefined()
    expect(roleIn({ groups: ["The Admins"] }, { adminRole: "The Admins" })).toBe("admin")
  })
})

test("a person is called by what there is, within bounds", () => {
  const named = (claims: object) => personOf({ groups: ["member"], ...claims }, "u1", rules)
  expect(named({ name: " Ada ", email: "ada@example.com" })).toMatchObject({ name: "Ada", email: "ada@example.com" })
  expect(named({ name: "", preferred_username: "ada" })?.name).toBe("ada")
  expect(named({ email: "ada@example.com" })?.name).toBe("ada@example.com")
  expect(named({ name: 7, email: {} })).toEqual({ userID: "u1", name: "u1", role: "member" })
  expect(named({ name: "x".repeat(1_000) })?.name).toHaveLength(200)
})

test("a claim that is absent is told from one that is empty", () => {
  expect(rolesIn({}, "groups")).toBeUndefined()
  expect(rolesIn({ groups: [] }, "groups")).toEqual([])
})
