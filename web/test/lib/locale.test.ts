import { expect, test } from "vitest"
import { localeFor, localeOf } from "../../src/lib/locale.ts"

test.each([
  ["English without a wish", {}, "en"],
  ["the browser's language", { "accept-language": "ja-JP,ja;q=0.9,en-US;q=0.8" }, "ja"],
  ["the most wanted, wherever it stands", { "accept-language": "en;q=0.5, JA;q=0.9" }, "ja"],
  ["the first that there is", { "accept-language": "fr-FR, de;q=0.9, ja;q=0.4, en;q=0.2" }, "ja"],
  ["nothing that is refused", { "accept-language": "ja;q=0, fr" }, "en"],
  ["English for languages that there are not", { "accept-language": "fr, *;q=0.5" }, "en"],
  ["the reader's choice before the browser's", { "accept-language": "ja", cookie: "theme=dark; locale=en" }, "en"],
  ["the browser's for a choice that there is not", { "accept-language": "ja", cookie: "locale=xx" }, "ja"],
])("a page is in %s", (_, headers, locale) => {
  expect(localeFor(new Headers(headers as Record<string, string>))).toBe(locale)
})

test("a region does not matter", () => {
  expect(localeOf("ja-JP")).toBe("ja")
  expect(localeOf("fr")).toBe("en")
  expect(localeOf("")).toBe("en")
})
