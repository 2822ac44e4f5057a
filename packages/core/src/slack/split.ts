/** Slack refuses a section of more than 3,000 characters. */
const limit = 2_900
/** Begins and ends a block of code. */
const mark = "```"

/** Parts that Slack takes, cut between lines where that is possible. A block of code that is cut is whole in each part. */
export function split(mrkdwn: string, most = limit): string[] {
  const parts: string[] = []
  let part: string[] = []
  let size = 0
  let isCode = false
  const end = () => {
    if (part.some((line) => line !== mark && line.trim() !== ""))
      parts.push([...part, ...(isCode ? [mark] : [])].join("\n"))
    part = isCode ? [mark] : []
    size = isCode ? 4 : 0
  }
  for (const line of mrkdwn.split("\n").flatMap((line) => pieces(line, most - 16))) {
    // Room for the mark that closes a block.
    if (size + line.length + 1 > most - 4 && size > 0) end()
    part.push(line)
    size += line.length + 1
    if (line === mark) isCode = !isCode
  }
  end()
  return parts
}

/** A line of any length in pieces that begin and end outside links, entities and pairs of surrogates. */
function pieces(line: string, most: number): string[] {
  if (line.length <= most) return [line]
  const at = cut(line, most)
  return [line.slice(0, at), ...pieces(line.slice(at), most)]
}

function cut(line: string, most: number) {
  const head = line.slice(0, most)
  const link = head.lastIndexOf("<")
  if (link > 0 && !head.includes(">", link)) return link
  const space = head.lastIndexOf(" ")
  if (space > most / 2) return space + 1
  const entity = head.lastIndexOf("&")
  if (entity > most - 6 && !head.includes(";", entity)) return entity
  return /[\uD800-\uDBFF]$/.test(head) ? most - 1 : most
}
