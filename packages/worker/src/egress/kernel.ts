import { hostOf } from "@remote-swe/core/egress/schema"
import { Logger } from "@remote-swe/core/logger"
import { connect } from "node:net"
import { createInterface } from "node:readline"
import * as v from "valibot"

/**
 * What went around the proxy is refused by the kernel, which writes down to whom it was addressed. A unit of the
 * machine reads the journal and hands on these lines, and no others, over a socket.
 */
export interface Attempt {
  host: string
  port?: number | undefined
  /** Between which moments it was, in milliseconds of the machine's clock that nobody sets. */
  since: number
  until: number
}

const micros = v.pipe(
  v.string(),
  v.regex(/^\d{1,16}$/),
  v.transform((text) => Number(text) / 1_000),
)

/** As `journalctl --output=json` prints an entry. */
const Entry = v.object({
  MESSAGE: v.string(),
  /** When the journal read it. */
  __MONOTONIC_TIMESTAMP: micros,
  /** When the kernel wrote it, by a clock of its own that goes a little faster or slower. */
  _SOURCE_MONOTONIC_TIMESTAMP: v.optional(micros),
})
const Line = v.pipe(v.string(), v.parseJson(), Entry)

/** As the rule in `worker-ami/nftables/base.nft` begins its lines. */
const prefix = "remote-swe refused: "
const longestLine = 8_192
/** A journal reads a line within that time, and the two clocks differ by so little where they agree that it did. */
export const latestMs = 250
const marginMs = 10

/** The refusal that a line of the journal tells of; undefined for any other line. */
export function parse(line: string): Attempt | undefined {
  const parsed = v.safeParse(Line, line.slice(0, longestLine))
  if (!parsed.success) return
  const { MESSAGE: message, __MONOTONIC_TIMESTAMP: until, _SOURCE_MONOTONIC_TIMESTAMP: written } = parsed.output
  const where = addressee(message)
  const isLikely = written !== undefined && written <= until && written >= until - latestMs
  return where && { ...where, since: isLikely ? written - marginMs : until - latestMs, until }
}

/** To whom the packet was that the kernel's message tells of. */
export function addressee(message: string) {
  if (!message.startsWith(prefix)) return
  // A refusal that answers an error quotes the packet in question behind it, in brackets.
  const [own = ""] = message.slice(prefix.length).split("[")
  const fields = new Map(own.split(" ").map((word) => [word.split("=")[0] ?? "", word.split("=")[1] ?? ""]))
  const host = hostOf(fields.get("DST") ?? "")
  if (host?.type !== "address") return
  const port = Number(fields.get("DPT"))
  return { host: host.address, ...(port >= 1 && port <= 65_535 && { port }) }
}

const againMs = 1_000

/** Hands over the refusals as they come, until it is closed. A unit that ended is asked again. */
export function follow(socket: string, onAttempt: (attempt: Attempt) => void) {
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let end = () => undefined as void

  function begin() {
    const connection = connect(socket)
    end = () => void connection.destroy()
    connection.on("error", (error) => Logger.warn("refusals of the network cannot be read", { error }))
    connection.once("close", () => {
      if (!closed) timer = setTimeout(begin, againMs)
    })
    const lines = createInterface({ input: connection, crlfDelay: Infinity })
    // Told of by the connection.
    lines.on("error", () => undefined)
    lines.on("line", (line) => {
      const attempt = parse(line)
      if (attempt) onAttempt(attempt)
    })
  }

  begin()
  return () => {
    closed = true
    clearTimeout(timer)
    end()
  }
}
