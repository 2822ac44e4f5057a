import { expect, test } from "vitest"
import { attemptName, attemptNames, personName, read, write } from "../../../src/lib/sign-in/cookie.ts"

test("with TLS a cookie is bound to this host", () => {
  expect(write({ name: personName(true), value: "x.y", seconds: 60 })).toBe(
    "__Host-swe_person=x.y; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure",
  )
})

test("on loopback without TLS browsers allow neither prefix nor Secure", () => {
  expect(write({ name: personName(false), value: "", seconds: 0 })).toBe(
    "swe_person=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
  )
})

test.each([
  ["swe_person=a", "a"],
  ["theme=dark; swe_person=a.b-_c; locale=ja", "a.b-_c"],
  ["swe_person=a=b", "a=b"],
  ["  swe_person = a ", "a"],
  ["swe_person=", ""],
  ["xswe_person=a", undefined],
  ["__Host-swe_person=a", undefined],
  ["swe_person", undefined],
  ["", undefined],
  [null, undefined],
  ["swe_person=a; swe_person=b", undefined],
])("in %j the cookie is %j", (header, value) => expect(read(header, personName(false))).toBe(value))

test("each attempt has a cookie, and the server sees how many there are", () => {
  const names = ["first-state-x", "other-state-x"].map((state) => attemptName(state, true))
  expect(new Set(names).size).toBe(2)
  const header = [...names, personName(true), attemptName("loopback", false)].map((name) => `${name}=v`).join("; ")
  expect(attemptNames(header, true)).toEqual(names)
})
