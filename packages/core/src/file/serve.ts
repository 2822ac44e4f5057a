/** How a browser may be given a file that somebody uploaded: never as something that runs script. */

const shown = new Set([
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/avif",
  "application/pdf",
  "application/json",
  "application/zip",
  "application/gzip",
])

/** The content type to serve: its own where it is harmless, plain text for any text, else bytes. */
export function safeType(type: string) {
  const known = type.toLowerCase()
  if (shown.has(known)) return known
  if (known.startsWith("text/")) return "text/plain; charset=utf-8"
  return "application/octet-stream"
}

/** RFC 6266: an ASCII name for old readers, and the real one. */
export function attachment(name: string) {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, "_")
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
