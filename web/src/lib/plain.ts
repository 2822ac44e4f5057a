/** A terminal's output as text: colours and cursor movements are taken out, rewritten lines keep their last form. */
export function plain(text: string) {
  return text
    .replace(/\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/g, "")
    .replace(/\x1b\[[0-9;?]*[ -/]*[@-~]/g, "")
    .replace(/\r\n/g, "\n")
    .replace(/^.*\r(?!\n)/gm, "")
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "")
}

/** Markdown as one line of text, for lists: what marks it up is taken out. */
export const oneLine = (text: string) =>
  text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^[#>\s]*(?:[-*+]\s+)?/gm, "")
    .replace(/\*\*|__|`+/g, "")
    .replace(/\s+/g, " ")
    .trim()
