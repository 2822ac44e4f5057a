export * as Push from "./push.ts"
import { Packet } from "./packet.ts"

/** One line of what a push asks for: make, move or delete `ref`. */
export interface Command {
  old: string
  next: string
  ref: string
}

export interface Request {
  commands: Command[]
  capabilities: string[]
}

const hash = /^[\da-f]{40}(?:[\da-f]{24})?$/

/** Reads the first section of a `git-receive-pack` request; throws `Packet.MalformedError`. */
export function parse(packets: readonly Buffer[]): Request {
  const commands: Command[] = []
  let capabilities: string[] = []
  for (const packet of packets) {
    const [line = "", features] = packet.toString("utf8").split("\0")
    const text = line.replace(/\n$/, "")
    if (features !== undefined && commands.length === 0) capabilities = features.trim().split(" ").filter(Boolean)
    if (/^shallow [\da-f]+$/.test(text)) continue
    // A signed push hides its commands in a certificate, where we would have to read them again.
    if (text === "push-cert") throw new Packet.MalformedError("Signed pushes are not supported")
    const [old = "", next = "", ...rest] = text.split(" ")
    const ref = rest.join(" ")
    if (!hash.test(old) || !hash.test(next) || ref === "") throw new Packet.MalformedError("Not a push command")
    commands.push({ old, next, ref })
  }
  return { commands, capabilities }
}

/** Why a push is refused, as text for whoever typed it; undefined if it may go on. */
export function refusal(commands: readonly Command[], branch: string): string[] | undefined {
  const allowed = `refs/heads/${branch}`
  const others = commands.filter((command) => command.ref !== allowed)
  if (others.length > 0)
    return [
      `Refused: this session may only push to its own branch, ${branch}.`,
      ...others.slice(0, 10).map((command) => `  not allowed: ${command.ref}`),
      `Commit on ${branch} and run: git push origin ${branch}`,
    ]
  if (commands.some((command) => /^0+$/.test(command.next)))
    return [`Refused: the session's branch ${branch} must not be deleted.`]
  return undefined
}

/** The answer of a server that refuses: git shows `lines` as `remote: …` and each ref as rejected. */
export function report(request: Request, lines: readonly string[]): Buffer {
  const status = Buffer.concat([
    Packet.encode("unpack ok\n"),
    ...request.commands.map((command) => Packet.encode(`ng ${command.ref} refused by the session's gateway\n`)),
    Packet.flush,
  ])
  const has = (name: string) => request.capabilities.includes(name)
  const reports = has("report-status") || has("report-status-v2")
  if (!has("side-band-64k")) return reports ? status : Buffer.alloc(0)
  const band = (number: number, bytes: Uint8Array) => Packet.encode(Buffer.concat([Buffer.from([number]), bytes]))
  const pieces: Buffer[] = [band(2, Buffer.from(lines.map((line) => `${line}\n`).join("")))]
  const size = Packet.limit - 5
  for (let at = 0; reports && at < status.length; at += size) pieces.push(band(1, status.subarray(at, at + size)))
  return Buffer.concat([...pieces, Packet.flush])
}
