import fc from "fast-check"
import * as v from "valibot"
import { describe, expect, test } from "vitest"
import { covers, decide } from "../../src/egress/decide.ts"
import { hostOf, List, Pattern, patternOf } from "../../src/egress/schema.ts"

const name = (written: string) => {
  const host = hostOf(written)
  return host?.type === "name" ? host.name : undefined
}
const address = (written: string) => {
  const host = hostOf(written)
  return host?.type === "address" ? host.address : undefined
}

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/).filter((text) => !text.startsWith("xn--"))
const names = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join("."))
const port = fc.integer({ min: 1, max: 65_535 })
const octet = fc.integer({ min: 0, max: 255 })
const octets = fc.tuple(octet, octet, octet, octet)
const anything = fc.oneof(fc.string({ unit: "binary", maxLength: 40 }), names, fc.ipV4(), fc.ipV6(), fc.domain())

describe("a host", () => {
  test.each([
    ["EXAMPLE.com", "example.com"],
    ["example.com.", "example.com"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["BÜCHER.example", "xn--bcher-kva.example"],
    ["ｅｘａｍｐｌｅ．com", "example.com"],
    ["例え。テスト", "xn--r8jz45g.xn--zckzah"],
    ["_dmarc.example.com", "_dmarc.example.com"],
    ["1.example", "1.example"],
  ])("%s is the name %s", (written, wanted) => expect(name(written)).toBe(wanted))

  test.each([
    ["127.0.0.1", "127.0.0.1"],
    ["127.1", "127.0.0.1"],
    ["0x7f.1", "127.0.0.1"],
    ["2130706433", "127.0.0.1"],
    ["017700000001", "127.0.0.1"],
    ["127.0.0.1.", "127.0.0.1"],
    ["１２７.0.0.1", "127.0.0.1"],
    ["::1", "::1"],
    ["[::1]", "::1"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["[::FFFF:7f00:1]", "127.0.0.1"],
    ["2001:0DB8::0001", "2001:db8::1"],
  ])("%s is the address %s", (written, wanted) => expect(address(written)).toBe(wanted))

  test.each([
    ...["", " ", ".", "..", "localhost", "com", "a b.example", "a/b.example", "user@a.example", "a.example#b"],
    ...["a.example?b", "a.example\\b", "a%2eexample", "a.example\0", "a.example\nb.example", "a\t.example", "a..b"],
    ...["a.example..", "-a.example", "a-.example", "[a.example]", "[::1", "::1]", "fe80::1%eth0", "256.1.1.1"],
    ...["1.2.3.4.5", "a.1", "a.example:80", "*.example.com", `${"a".repeat(64)}.example`, `${"a.".repeat(127)}example`],
  ])("%j is none", (written) => expect(hostOf(written)).toBeUndefined())

  test("has one form: what was made of it stands for itself", () => {
    fc.assert(
      fc.property(anything, (written) => {
        const host = hostOf(written)
        if (host) expect(hostOf(host.type === "name" ? host.name : host.address)).toEqual(host)
      }),
      { numRuns: 2_000 },
    )
  })

  test("that is an IPv4 address is that address in every notation", () => {
    fc.assert(
      fc.property(octets, ([a, b, c, d]) => {
        const wanted = [a, b, c, d].join(".")
        const whole = ((a * 256 + b) * 256 + c) * 256 + d
        const hex = (value: number) => value.toString(16)
        const written = [
          wanted,
          `${wanted}.`,
          String(whole),
          `0x${hex(whole)}`,
          `0${whole.toString(8)}`,
          `${a}.${(b * 256 + c) * 256 + d}`,
          `0x${hex(a)}.0${b.toString(8)}.${c * 256 + d}`,
          `::ffff:${wanted}`,
          `[::ffff:${hex(a * 256 + b)}:${hex(c * 256 + d)}]`,
        ]
        for (const text of written) expect([text, address(text)]).toEqual([text, wanted])
      }),
    )
  })
})

describe("an entry of the list", () => {
  test.each([
    [" Example.COM ", "example.com"],
    ["*.Example.com.", "*.example.com"],
    ["example.com:08443", "example.com:8443"],
    ["*.bücher.example:443", "*.xn--bcher-kva.example:443"],
  ])("%j is kept as %s", (written, wanted) => expect(patternOf(written)).toBe(wanted))

  test.each([
    ...["", "*", "*.com", "com", "a.*.example", "*a.example", "**.example.com", "*.*.example.com", "https://a.example"],
    ...["a.example:", "a.example:0", "a.example:65536", "a.example:http", "a.example:80:80", "a.example/x"],
    ...[
      "10.0.0.1",
      "*.0.0.1",
      "2130706433",
      "[::1]",
      "::1",
      "[2606:4700::1111]:443",
      "a.example;b.example",
      "a b.example",
    ],
  ])("%j is none", (written) => expect(patternOf(written)).toBeUndefined())

  test("has one form, which boot scripts and logs can hold", () => {
    const written = fc.tuple(fc.constantFrom("", "*."), anything, fc.constantFrom("", ":1", ":8443"))
    fc.assert(
      fc.property(written, ([star, host, port]) => {
        const pattern = patternOf(`${star}${host}${port}`)
        if (pattern === undefined) return
        expect(patternOf(pattern)).toBe(pattern)
        expect(pattern).toMatch(/^[a-z0-9._:*-]+$/)
        expect(v.is(Pattern, pattern)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test("may be one of many, with commas between; an empty list is a mistake and not everything", () => {
    expect(v.parse(List, "a.example, B.example:80,,a.example")).toEqual(["a.example", "b.example:80"])
    for (const text of [
      "",
      ",",
      " , ",
      "a.example,*",
      "a.example;b.example",
      Array.from({ length: 400 }, (_, index) => `a${index}.example`).join(),
    ])
      expect([text, v.safeParse(List, text).success]).toEqual([text, false])
  })
})

describe("what is refused", () => {
  const list = ["a.example", "*.b.example", "c.example:8443", "*.d.example:22"]
  test.each([
    ["A.example.", 443, "a.example"],
    ["a.example", 80, "a.example"],
    ["x.b.example", 443, "x.b.example"],
    ["x.y.B.example", 80, "x.y.b.example"],
    ["c.example", 8443, "c.example"],
    ["x.d.example", 22, "x.d.example"],
  ])("is not %s at %d", (host, port, wanted) => {
    expect(decide(host, port, list)).toEqual({ type: "allowed", name: wanted })
  })

  test.each([
    ["a.example", 8080, "a.example", "domain"],
    ["x.a.example", 443, "x.a.example", "domain"],
    ["aa.example", 443, "aa.example", "domain"],
    ["a.example.evil.example", 443, "a.example.evil.example", "domain"],
    ["b.example", 443, "b.example", "domain"],
    ["xb.example", 443, "xb.example", "domain"],
    ["c.example", 443, "c.example", "domain"],
    ["x.d.example", 443, "x.d.example", "domain"],
    ["localhost", 443, "localhost", "domain"],
    ["a.example\0", 443, "a.example?", "domain"],
    ["", 443, "?", "domain"],
    ["1.1", 443, "1.0.0.1", "address"],
    ["[::ffff:169.254.169.254]", 80, "169.254.169.254", "address"],
    ["2606:4700::1111", 443, "2606:4700::1111", "address"],
  ])("is %j at %d", (host, port, shown, why) => {
    expect(decide(host, port, list)).toEqual({ type: "refused", host: shown, why })
  })

  test("is everything where nothing is allowed, and every address whatever is allowed", () => {
    fc.assert(
      fc.property(anything, port, (host, port) => {
        expect(decide(host, port, []).type).toBe("refused")
        if (hostOf(host)?.type !== "address") return
        expect(decide(host, port, [host, `*.${host}`, "*", `${host}:${port}`])).toMatchObject({ why: "address" })
      }),
    )
  })

  test("is never what an entry names, in whatever case, and always its neighbours", () => {
    fc.assert(
      fc.property(names, label, port, (host, sub, port) => {
        const reached = (written: string, ...list: string[]) => decide(written, port, list).type === "allowed"
        const exact = `${host}:${port}`
        expect(reached(host.toUpperCase(), exact)).toBe(true)
        expect(reached(`${host}.`, exact)).toBe(true)
        expect(reached(`${sub}.${host}`, exact)).toBe(false)
        expect(reached(`${sub}${host}`, exact)).toBe(false)
        expect(reached(`${host}.${sub}`, exact)).toBe(false)
        const below = `*.${host}:${port}`
        expect(reached(`${sub}.${host}`, below)).toBe(true)
        expect(reached(`${sub}.${sub}.${host}`, below)).toBe(true)
        expect(reached(host, below)).toBe(false)
        expect(reached(`${sub}${host}`, below)).toBe(false)
        expect(covers(host, host, port)).toBe(port === 80 || port === 443)
      }),
    )
  })

  test("grows no smaller list: more entries never refuse more", () => {
    const entry = fc.tuple(fc.constantFrom("", "*."), names).map(([star, host]) => `${star}${host}`)
    fc.assert(
      fc.property(fc.array(entry), fc.array(entry), names, (some, more, host) => {
        if (decide(host, 443, some).type === "allowed")
          expect(decide(host, 443, [...more, ...some]).type).toBe("allowed")
      }),
    )
  })
})
