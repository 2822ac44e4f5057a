import { expect, test } from "vitest"
import { en } from "../src/i18n/en.ts"
import { locales, translator } from "../src/i18n/index.ts"

test("every plural has both of its forms", () => {
  const keys = Object.keys(en)
  const stems = keys.filter((key) => key.endsWith(".other")).map((key) => key.slice(0, -".other".length))
  expect(stems.filter((stem) => !keys.includes(`${stem}.one`))).toEqual([])
})

test.each(locales)("%s writes numbers, money and time", (locale) => {
  const words = translator(locale)
  expect(words.plural("file.count", 1)).toBe("1 file")
  expect(words.plural("file.count", 1200)).toBe("1,200 files")
  expect(words.money(0)).toBe("$0.00")
  expect(words.money(12.345)).toBe("$12.35")
  expect(words.money(0.00123)).toBe("$0.0012")
  expect(words.bytes(1536)).toBe("1.5 kB")
  expect(words.duration(40)).toBe("40ms")
  expect(words.duration(1_250)).toBe("1.3s")
  expect(words.ago(1_000, 3_000)).toBe("just now")
  expect(words.t("list.pullRequest", { number: 4 })).toBe("Pull request #4")
})
