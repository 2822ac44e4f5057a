import fc from "fast-check"
import { expect, test } from "vitest"
import { loginPath, returnPath } from "../../../src/lib/sign-in/path.ts"

test.each([
  ["/", "/"],
  ["/usage?days=30#top", "/usage?days=30#top"],
  ["/session/ses_1", "/session/ses_1"],
  ["/a/../new", "/new"],
  ["/authors", "/authors"],
  ["/new?to=https://evil.example", "/new?to=https://evil.example"],
])("%s leads to %s", (wanted, path) => expect(returnPath(wanted)).toBe(path))

test.each([
  ...[undefined, null, "", "usage", "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example"],
  ...["/\t/evil.example", "/\n/evil.example", "/.//evil.example", "/a/..//evil.example", "javascript:alert(1)"],
  ...[
    "http:evil.example",
    "https:/evil.example",
    " //evil.example",
    "/auth/login",
    "/auth",
    "/_server?id=x",
    "/api/v1",
  ],
  `/${"a".repeat(2_001)}`,
])("%j leads home", (wanted) => expect(returnPath(wanted)).toBe("/"))

test("whatever is wanted, a browser stays here", () => {
  const here = "https://here.example"
  const piece = fc.constantFrom(
    "/",
    "\\",
    ".",
    "..",
    "\t",
    "\n",
    ":",
    "@",
    "?",
    "#",
    "evil.example",
    "https:",
    "%2f",
    "a",
  )
  const wanted = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
  )
  fc.assert(
    fc.property(wanted, (text) => {
      const path = returnPath(text)
      expect(new URL(path, `${here}/auth/callback`).origin).toBe(here)
      expect(returnPath(path)).toBe(path)
    }),
    { numRuns: 5_000 },
  )
})

test("a path goes to the issuer and comes back as it was", () => {
  const path = "/new?a=1&b=%2F#x"
  const { searchParams } = new URL(loginPath(path), "https://here.example")
  expect(returnPath(searchParams.get("to"))).toBe(path)
})
