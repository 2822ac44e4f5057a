import DOMPurify from "dompurify"

const config = {
  ALLOWED_TAGS: [
    ...["p", "br", "hr", "strong", "em", "del", "a", "code", "pre", "blockquote", "ul", "ol", "li", "span"],
    ...["h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"],
  ],
  ALLOWED_ATTR: ["href", "target", "rel", "class", "align", "start", "tabindex", "data-language"],
  ALLOW_DATA_ATTR: false,
  ADD_URI_SAFE_ATTR: ["target"],
}

/**
 * The second lock on what becomes HTML: the renderers escape all text, and this takes away what they
 * should not have let through. It needs a DOM, so HTML is made in browsers only.
 */
export const sanitize = (html: string): string => DOMPurify.sanitize(html, config)
