import { type Locale, locales } from "../i18n/index.ts"
import { readCookie } from "./cookie.ts"

const fallback: Locale = "en"

const known = (name: string | undefined) => locales.find((locale) => locale === name)

/** The dictionary for a language tag: `ja-JP` is `ja`. */
export const localeOf = (tag: string) => known(tag.toLowerCase().split("-")[0]) ?? fallback

/** What the reader chose, else the browser's favourite among the languages that there are. */
export function localeFor(headers: Pick<Headers, "get"> | undefined): Locale {
  const accepted = () => tagsOf(headers?.get("accept-language") ?? "").find((tag) => known(tag.split("-")[0]))
  return known(readCookie(headers?.get("cookie"), "locale")) ?? localeOf(accepted() ?? fallback)
}

/** The tags of an `Accept-Language`, the most wanted first. */
function tagsOf(header: string) {
  const wishes = header.split(",").map((item) => {
    const [tag = "", ...parameters] = item.toLowerCase().split(";")
    const weight = parameters.map((text) => text.trim()).find((text) => text.startsWith("q="))
    return { tag: tag.trim(), weight: weight ? Number(weight.slice(2)) : 1 }
  })
  const wanted = wishes.filter(({ weight }) => weight > 0)
  return wanted.sort((a, b) => b.weight - a.weight).map(({ tag }) => tag)
}
