import { expect, test } from "vitest"
import { en, type Key } from "../src/i18n/en.ts"
import { translator } from "../src/i18n/index.ts"
import { ja } from "../src/i18n/ja.ts"

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()

test("every plural has both of its forms", () => {
  const keys = Object.keys(en)
  const stems = keys.filter((key) => key.endsWith(".other")).map((key) => key.slice(0, -".other".length))
  expect(stems.filter((stem) => !keys.includes(`${stem}.one`))).toEqual([])
})

test("every text is there in both languages, in the same order", () => {
  expect(Object.keys(ja)).toEqual(Object.keys(en))
  expect(Object.values(ja).filter((text) => text.trim() === "")).toEqual([])
})

test("a text has the same placeholders in both languages", () => {
  const keys = Object.keys(en) as Key[]
  expect(keys.filter((key) => placeholders(ja[key]).join() !== placeholders(en[key]).join())).toEqual([])
})

test("English writes numbers, money and time", () => {
  const words = translator("en")
  expect(words.plural("settings.keys.days.count", 1)).toBe("1 day")
  expect(words.plural("settings.keys.days.count", 1200)).toBe("1,200 days")
  expect(words.money(0)).toBe("$0.00")
  expect(words.money(12.345)).toBe("$12.35")
  expect(words.money(0.00123)).toBe("$0.0012")
  expect(words.bytes(1536)).toBe("1.5 kB")
  expect(words.duration(40)).toBe("40ms")
  expect(words.duration(1_250)).toBe("1.3s")
  expect(words.ago(1_000, 3_000)).toBe("just now")
  expect(words.t("list.pullRequest", { number: 4 })).toBe("Pull request #4")
})

test("Japanese writes numbers, money and time", () => {
  const words = translator("ja")
  expect(words.plural("settings.keys.days.count", 1)).toBe("1 日")
  expect(words.plural("settings.keys.days.count", 1200)).toBe("1,200 日")
  expect(words.money(12.345)).toBe("$12.35")
  expect(words.compact(12_000)).toBe("1.2万")
  expect(words.ago(1_000, 3_000)).toBe("たった今")
  expect(words.ago(0, 3 * 3_600_000)).toBe("3 時間前")
  expect(words.t("list.pullRequest", { number: 4 })).toBe("プルリクエスト #4")
})
