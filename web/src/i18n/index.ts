import { type Dictionary, en, type Key } from "./en.ts"
import { ja } from "./ja.ts"

/** Another language is one more file with the type `Dictionary`, its name in both lines here, and its `language.…`. */
const dictionaries: Record<Locale, Dictionary> = { en, ja }

export const locales = ["en", "ja"] as const
export type Locale = (typeof locales)[number]
export type { Key } from "./en.ts"

type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
type Values<K extends Key> = Record<Names<(typeof en)[K]>, string | number>
type Arguments<K extends Key> = [Names<(typeof en)[K]>] extends [never] ? [] : [values: Values<K>]
export type PluralKey = Key extends infer K ? (K extends `${infer Stem}.other` ? Stem : never) : never

const spans = [
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1_000, "second"],
] as const

/** Words, numbers, money and time as `locale` writes them. */
export function translator(locale: Locale) {
  const words = dictionaries[locale]
  const plurals = new Intl.PluralRules(locale)
  const whole = new Intl.NumberFormat(locale)
  const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" })
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" })
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" })
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short" })

  const fill = (text: string, values: Record<string, string | number> = {}) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""))

  return {
    locale,
    t: <K extends Key>(key: K, ...[values]: Arguments<K>) => fill(words[key], values),
    /** `stem` names the pair `stem.one` and `stem.other`. */
    plural(stem: PluralKey, count: number) {
      const key = `${stem}.${plurals.select(count) === "one" ? "one" : "other"}` as Key
      return fill(words[key], { count: whole.format(count) })
    },
    number: (value: number) => whole.format(value),
    compact: (value: number) => compact.format(value),
    /** US dollars; small amounts keep two digits that say something. */
    money(usd: number) {
      const digits = usd === 0 || usd >= 1 ? 2 : Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(usd))))
      const style = { style: "currency", currency: "USD", maximumFractionDigits: digits } as const
      return new Intl.NumberFormat(locale, { ...style, minimumFractionDigits: Math.min(2, digits) }).format(usd)
    },
    bytes(size: number) {
      const power = Math.min(3, Math.floor(Math.log2(Math.max(1, size)) / 10))
      const unit = (["byte", "kilobyte", "megabyte", "gigabyte"] as const)[power]
      const style = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: power ? 1 : 0 } as const
      return new Intl.NumberFormat(locale, style).format(size / 1024 ** power)
    },
    duration(ms: number) {
      const [size, unit] = spans.find(([size]) => ms >= size) ?? [1, "millisecond"]
      const value = ms / size
      const style = { style: "unit", unit, unitDisplay: "narrow", maximumFractionDigits: value < 10 ? 1 : 0 } as const
      return new Intl.NumberFormat(locale, style).format(unit === "millisecond" ? Math.round(value) : value)
    },
    /** `day` is `YYYY-MM-DD`. */
    day: (text: string) => day.format(new Date(`${text}T00:00:00Z`)),
    moment: (at: number) => moment.format(at),
    clock: (at: number) => clock.format(at),
    ago(at: number, now: number) {
      const seconds = Math.round((at - now) / 1000)
      const size = Math.abs(seconds)
      if (size < 10) return words["time.now"]
      if (size < 60) return relative.format(seconds, "second")
      if (size < 3600) return relative.format(Math.round(seconds / 60), "minute")
      if (size < 86_400) return relative.format(Math.round(seconds / 3600), "hour")
      if (size < 30 * 86_400) return relative.format(Math.round(seconds / 86_400), "day")
      return day.format(at)
    },
  }
}

export type Translator = ReturnType<typeof translator>
