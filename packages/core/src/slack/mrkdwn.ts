/** Between the markdown that models write and Slack's own markup. */

/** Nothing in it is a mention, a link or a command of Slack. */
export const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

/** Markdown as Slack shows it. What only looks like Slack's markup stays text. */
export function fromMarkdown(markdown: string): string {
  const out: string[] = []
  let fence: string | undefined
  let table: string[] = []
  const endTable = () => {
    if (table.length > 0) out.push("```", ...table.map(code), "```")
    table = []
  }
  for (const text of markdown.replaceAll("\r\n", "\n").split("\n")) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(text)?.[1]
    if (fence !== undefined) {
      const isEnd = mark?.startsWith(fence) && text.trim() === mark
      out.push(isEnd ? "```" : code(text))
      if (isEnd) fence = undefined
      continue
    }
    if (!mark && /^\s*\|.*\|\s*$/.test(text)) {
      table.push(text)
      continue
    }
    endTable()
    fence = mark
    out.push(mark ? "```" : line(text))
  }
  endTable()
  if (fence !== undefined) out.push("```")
  return out.join("\n").trim()
}

/** Three backticks would end the block that they stand in. */
const code = (text: string) => escape(text).replaceAll("```", "`\u200b`\u200b`")

function line(text: string): string {
  const [quote = ""] = /^(\s{0,3}>\s?)+/.exec(text) ?? []
  if (quote) return `> ${line(text.slice(quote.length))}`
  const [heading, title = ""] = /^\s{0,3}#{1,6}\s+(.*?)\s*#*$/.exec(text) ?? []
  if (heading) return `*${inline(title.replaceAll("**", ""))}*`
  if (/^\s{0,3}([-*_])(\s*\1){2,}\s*$/.test(text)) return "———"
  const [bullet, indent = "", box] = /^(\s*)[-*+]\s+(?:\[([ xX])\]\s+)?/.exec(text) ?? []
  if (bullet)
    return `${indent}${box === undefined ? "•" : box === " " ? "☐" : "☑"} ${inline(text.slice(bullet.length))}`
  return inline(text)
}

// Bounded, so that no text takes long.
const span = [
  "(?<ticks>`{1,3})(?<code>[^`\\n]{1,2000})\\k<ticks>",
  '!?\\[(?<label>[^\\]\\n]{0,500})\\]\\((?<target>[^()\\s]{1,2000}(?:\\([^()\\s]{0,200}\\)[^()\\s]{0,200})?)(?: "[^"\\n]{0,200}")?\\)',
  "<(?<auto>(?:https?://|mailto:)[^<>\\s]{1,2000})>",
  "(?<url>https?://[^\\s<>\\[\\]`*\"']{1,2000})",
  "\\*\\*(?<bold>[^*\\n]{1,1000})\\*\\*",
  "(?<![\\w_])__(?<strong>[^_\\n]{1,1000})__(?![\\w_])",
  "(?<![\\w*])\\*(?<italic>[^*\\s][^*\\n]{0,1000}?)\\*(?![\\w*])",
  "~~(?<struck>[^~\\n]{1,1000})~~",
].join("|")

function inline(text: string): string {
  let out = ""
  let last = 0
  for (const match of text.matchAll(new RegExp(span, "gu"))) {
    out += escape(text.slice(last, match.index)) + render(match.groups ?? {}, match[0])
    last = match.index + match[0].length
  }
  return out + escape(text.slice(last))
}

function render(found: Record<string, string | undefined>, whole: string) {
  const { code, label, target, auto, url, bold, strong, italic, struck } = found
  if (code !== undefined) return `\`${escape(code)}\``
  if (target !== undefined) return link(target, label?.trim() || target)
  if (auto !== undefined) return link(auto)
  if (url !== undefined) {
    const end = /[.,;:!?)]+$/.exec(url)?.[0].length ?? 0
    // A closing bracket belongs to the address that opens one.
    const cut = end > 0 && url.includes("(") && url.endsWith(")") ? 0 : end
    return link(url.slice(0, url.length - cut)) + escape(url.slice(url.length - cut))
  }
  const boldly = bold ?? strong
  if (boldly !== undefined) return `*${inline(boldly)}*`
  if (italic !== undefined) return `_${inline(italic)}_`
  if (struck !== undefined) return `~${inline(struck)}~`
  return escape(whole)
}

/** A link, where the address is one that people follow. */
export function link(target: string, label?: string) {
  if (!/^(https?:\/\/|mailto:)/i.test(target))
    return escape(label && label !== target ? `${label} (${target})` : target)
  const address = escape(target.replaceAll("|", "%7C").replaceAll("<", "%3C").replaceAll(">", "%3E"))
  const shown = label && label !== target ? `|${escape(label.replaceAll("|", "¦").replaceAll("\n", " "))}` : ""
  return `<${address}${shown}>`
}

/** What a person wrote in Slack, as plain text. `own` is the bot, whose mention is left out. */
export function toPlain(text: string, own?: string) {
  return text
    .replace(/<([^<>\n]*)>/g, (_, inner: string) => plainOf(inner, own))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim()
}

function plainOf(inner: string, own: string | undefined) {
  const [target = "", label] = inner.split("|", 2)
  if (own && target === `@${own}`) return ""
  if (target.startsWith("#")) return `#${label || target.slice(1)}`
  if (target.startsWith("@")) return `@${label || target.slice(1)}`
  if (target.startsWith("!")) return label || `@${target.slice(1).split("^")[0]}`
  const address = target.replace(/^mailto:/, "")
  return !label || label === address || target === `http://${label}` || target === `https://${label}`
    ? address
    : `${label} (${address})`
}
