import { describe, expect, test } from "vitest"
import { Guard } from "../src/guard.ts"

const refusal = Guard.create(3000)
const ask = (headers: Record<string, string>, method = "GET") => refusal({ method, headers })
const own = { host: "localhost:3000" }

describe("the guard lets pass", () => {
  test.each([
    ["a program", own],
    ["a program, by address", { host: "127.0.0.1:3000" }],
    ["a program, by IPv6 address", { host: "[::1]:3000" }],
    ["whatever case the name has", { host: "LocalHost:3000" }],
    ["a page of ours", { ...own, origin: "http://localhost:3000", "sec-fetch-site": "same-origin" }],
    [
      "a page of ours under our other name",
      { ...own, origin: "http://127.0.0.1:3000", "sec-fetch-site": "cross-site" },
    ],
    ["an address that was typed", { ...own, "sec-fetch-site": "none", "sec-fetch-mode": "navigate" }],
    [
      "a link from elsewhere",
      { ...own, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
    ],
  ])("%s", (_, headers) => expect(ask(headers)).toBeUndefined())
})

describe("the guard refuses", () => {
  test.each([
    ["a name that leads here (DNS rebinding)", { host: "evil.example:3000" }],
    ["our name as part of another", { host: "localhost.evil.example:3000" }],
    ["another port", { host: "localhost:3001" }],
    ["no port", { host: "localhost" }],
    ["no host", {}],
    ["another address of this machine", { host: "192.168.1.2:3000" }],
    ["a page of somebody else", { ...own, origin: "https://evil.example" }],
    ["a page of another local program", { ...own, origin: "http://localhost:8080", "sec-fetch-site": "same-site" }],
    ["a page by https under our name", { ...own, origin: "https://localhost:3000" }],
    ["a sandboxed frame", { ...own, origin: "null" }],
    ["an image in another page", { ...own, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
    [
      "an image in a page of another local program",
      { ...own, "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" },
    ],
    [
      "a frame in another page",
      { ...own, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
    ],
  ])("%s", (_, headers) => expect(ask(headers as Record<string, string>)).toBeTypeOf("string"))

  test("a form that another page sends", () => {
    const form = { ...own, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }
    expect(ask(form, "POST")).toBeTypeOf("string")
    expect(ask({ ...form, origin: "https://evil.example" }, "POST")).toBeTypeOf("string")
  })
})

describe("a system with a public address", () => {
  const refusal = Guard.create(3000, "https://swe.example.com")
  const ask = (headers: Record<string, string>, method = "GET") => refusal({ method, headers })
  const there = { host: "swe.example.com" }

  test("answers there and on this machine, to its own pages", () => {
    expect(ask(there)).toBeUndefined()
    expect(ask(own)).toBeUndefined()
    expect(ask({ ...there, origin: "https://swe.example.com" }, "POST")).toBeUndefined()
  })

  test("refuses everybody else", () => {
    expect(ask({ host: "swe.example.com:3000" })).toBeTypeOf("string")
    expect(ask({ host: "evil.example.com" })).toBeTypeOf("string")
    expect(ask({ ...there, origin: "http://swe.example.com" }, "POST")).toBeTypeOf("string")
    expect(ask({ ...there, origin: "https://evil.example" }, "POST")).toBeTypeOf("string")
  })
})

test.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["127.8.8.8", true],
  ["::1", true],
  ["[::1]", true],
  ["0.0.0.0", false],
  ["::", false],
  ["192.168.1.2", false],
  ["127.0.0.1.evil.example", false],
  ["example.com", false],
])("only this machine reaches %s: %s", (host, loopback) => expect(Guard.isLoopback(host)).toBe(loopback))
