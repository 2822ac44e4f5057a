import fc from "fast-check"
import { expect, test } from "vitest"
import { SignIn } from "../../src/sign-in/index.ts"

test("what is sealed opens for the same purpose and context, and tells nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (text, context) => {
      const sealed = SignIn.seal("test", context, text)
      expect(sealed).toMatch(/^[\w-]+$/)
      expect(SignIn.open("test", context, sealed)).toBe(text.toWellFormed())
      expect(SignIn.open("other", context, sealed)).toBeUndefined()
      expect(SignIn.open("test", `${context}x`, sealed)).toBeUndefined()
    }),
  )
})

test("whatever was changed does not open", () => {
  const sealed = SignIn.seal("test", "", "a text")
  for (let at = 0; at < sealed.length - 1; at++) {
    const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1)
    expect(SignIn.open("test", "", changed)).toBeUndefined()
  }
  for (const short of ["", "A", sealed.slice(0, 20)]) expect(SignIn.open("test", "", short)).toBeUndefined()
})

test("a signature is for one text and one purpose", () => {
  const value = SignIn.sign("test", "abc")
  expect(SignIn.signed("test", value)).toBe("abc")
  expect(SignIn.signed("other", value)).toBeUndefined()
  expect(SignIn.signed("test", value.replace("abc", "abd"))).toBeUndefined()
  for (const bad of ["", ".", "abc", "abc.", `${value}.${value}`, value.slice(0, -2)])
    expect(SignIn.signed("test", bad)).toBeUndefined()
})
