import { Marked } from "marked"

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }
export const escapeHTML = (text: string) => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign)

/** Text in which entities may stand, as in any markdown. */
const escapeText = (text: string) => escapeHTML(text).replace(/&amp;(#\d{1,7}|#x[\da-f]{1,6}|\w+);/gi, "&$1;")

/** Addresses that a link may lead to. Anything else, such as `javascript:`, is shown as text. */
const isSafe = (href: string) => /^(?:https?:|mailto:|#|\/(?!\/))/i.test(href.trim())

const marked = new Marked({
  gfm: true,
  breaks: false,
  renderer: {
    // HTML that a model or an issue wrote is text, not markup.
    html: ({ text }) => escapeHTML(text),
    // After an opening tag such as <pre> the parser takes text for markup and leaves it as it is.
    text(token) {
      return "tokens" in token && token.tokens ? this.parser.parseInline(token.tokens) : escapeText(token.text)
    },
    // All of one level, below the page's own: what a text calls its first heading is not the page's.
    heading({ tokens, depth }) {
      return `<h3 class="depth-${depth}">${this.parser.parseInline(tokens)}</h3>\n`
    },
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens)
      if (!isSafe(href)) return text
      return `<a href="${escapeHTML(href)}" target="_blank" rel="noopener noreferrer">${text}</a>`
    },
    // Loading an image would tell its server who reads this: a link to it does not.
    image({ href, text }) {
      const label = escapeHTML(text || href)
      if (!isSafe(href)) return label
      return `<a href="${escapeHTML(href)}" target="_blank" rel="noopener noreferrer">${label}</a>`
    },
    // Read by the highlighter when the block is in view; wide code scrolls by keyboard, too.
    code({ text, lang = "" }) {
      const language = lang.match(/^[\w+#.-]+/)?.[0] ?? ""
      return `<pre tabindex="0"><code data-language="${escapeHTML(language)}">${escapeHTML(text)}</code></pre>\n`
    },
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
})

/** Splits a text that grows at its end into blocks, so that only the last one changes while it streams. */
export function blocks(text: string): string[] {
  const tokens = marked.lexer(text)
  // Reference links are defined once for the whole text: then it cannot be cut.
  if (Object.keys(tokens.links).length > 0) return [text]
  return tokens.filter((token) => token.type !== "space").map((token) => token.raw)
}

/** Markup that holds nothing of its own: every tag in it was written by the renderer above. */
export const render = (text: string) => marked.parse(text, { async: false })
