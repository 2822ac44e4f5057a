import { createWriteStream, type WriteStream } from "node:fs"
import { headLimit, tailLimit, wholeLimit } from "../protocol.ts"

/** Keeps the beginning and the end of a text of any length. */
export function bounded() {
  let head = ""
  let tail = ""
  let left = 0

  function add(text: string) {
    const room = headLimit - head.length
    head += text.slice(0, room)
    tail += text.slice(Math.max(0, room))
    if (tail.length <= tailLimit * 2) return
    left += tail.length - tailLimit
    tail = tail.slice(-tailLimit)
  }

  const over = () => left + Math.max(0, tail.length - tailLimit)

  return {
    add,
    /** Whether `text` shows everything that was added. */
    complete: () => over() === 0,
    everything: () => head + tail,
    text(whole: string | undefined) {
      const hidden = over()
      if (hidden === 0) return (head + tail).toWellFormed()
      const where = whole ? `; everything is in ${whole}` : ""
      return `${head}\n\n[… ${hidden} characters left out here${where} …]\n\n${tail.slice(-tailLimit)}`.toWellFormed()
    },
  }
}

/**
 * The file that has the whole output, made when it is first needed. `add` answers false when the
 * disk is behind: the writer should wait for `onDrain`.
 */
export function spill(path: string, onDrain: () => void) {
  let stream: WriteStream | undefined
  let bytes = 0
  let failed = false

  function open() {
    const made = createWriteStream(path, { mode: 0o600 })
    made.on("drain", onDrain)
    // A full disk must not end the host: the text that is kept in memory still reaches the model.
    made.on("error", () => {
      failed = true
      onDrain()
    })
    return made
  }

  return {
    add(text: string) {
      if (failed || bytes >= wholeLimit) return true
      stream ??= open()
      bytes += Buffer.byteLength(text)
      if (bytes >= wholeLimit) return stream.write(`${text}\n[… the rest was dropped …]\n`)
      return stream.write(text)
    },
    path: () => (stream && !failed ? path : undefined),
    close: () =>
      new Promise<void>((resolve) => {
        if (!stream || failed) return resolve()
        stream.once("error", () => resolve())
        stream.end(() => resolve())
      }),
  }
}

/** Control characters that would only confuse a reader; tab, line ends and escape stay. */
export function printable(text: string) {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]/g, "\u{fffd}")
}
