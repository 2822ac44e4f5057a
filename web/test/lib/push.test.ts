import { expect, test } from "vitest"
import { bytesOf, labelOf, wishOf } from "../../src/lib/push.ts"

const chrome = "(KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

test.each([
  [`Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 ${chrome}`, "Chrome, Linux"],
  [`Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 ${chrome}`, "Chrome, Android"],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 ${chrome} Edg/140.0.0.0`, "Edge, Windows"],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, macOS"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1", "Safari, iPhone"],
  ["curl", "?, ?"],
])("people know %s as %s", (agent, label) => {
  expect(labelOf(agent)).toBe(label)
})

test("a key is read as bytes, whatever its letters", () => {
  const bytes = Uint8Array.from({ length: 65 }, (_, index) => (index * 37 + 251) % 256)
  expect(bytesOf(Buffer.from(bytes).toString("base64url"))).toEqual(bytes)
})

test("a subscription that is not whole is not sent", () => {
  const whole = { endpoint: "https://push.example.com/1", keys: { p256dh: "a", auth: "b" } }
  expect(wishOf(whole, "Firefox, Linux", "ja")).toEqual({
    endpoint: whole.endpoint,
    ...whole.keys,
    label: "Firefox, Linux",
    language: "ja",
  })
  expect(() => wishOf({ ...whole, keys: { p256dh: "a" } }, "", "en")).toThrow("not whole")
})
