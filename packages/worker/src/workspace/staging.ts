export * as Staging from "./staging.ts"
import { createHash } from "node:crypto"

/** What git calls the index: what is staged, and what git knows of the files of the work tree. */
export interface Info {
  /** The same for the same content: without what it says of one machine's files, and of its own history. */
  bytes: Buffer
  items: Item[]
  /** Objects that it keeps of conflicts that were resolved. */
  resolved: string[]
}

export interface Item {
  /** Bytes, one for each character. */
  path: string
  mode: number
  id: string
  /** 1 to 3: the sides of a conflict. */
  stage: number
  /** Git was told not to look at the file: to assume that it is unchanged, or not there. */
  isUnwatched: boolean
}

export type Format = "sha1" | "sha256"

export const submodule = 0o160000
const idBytes = { sha1: 20, sha256: 32 } as const
/** Where an entry says when its file changed, and which one it is; the mode is between the two. */
const machine = [
  [0, 24],
  [28, 40],
] as const
const fixed = 40
const extended = 0x4000
const assumeValid = 0x8000
/** Among the flags of an entry that has more of them. */
const skipWorktree = 0x4000

class MalformedError extends Error {}

/**
 * Reads an index (gitformat-index, versions 2 to 4). Undefined where git has to make it one file with all
 * entries first: when it is split, or when it holds folders instead of files.
 */
export function parse(bytes: Buffer, format: Format): Info | undefined {
  const size = idBytes[format]
  if (bytes.toString("latin1", 0, 4) !== "DIRC") throw new MalformedError("This is not an index")
  const version = bytes.readUInt32BE(4)
  if (version < 2 || version > 4) throw new MalformedError(`An index of version ${version} is not known`)
  const out = Buffer.from(bytes)
  const items: Item[] = []
  let at = 12
  for (let left = bytes.readUInt32BE(8); left > 0; left--) {
    const { item, end } = entry(bytes, at, { version, size, before: items.at(-1)?.path ?? "" })
    if (item.mode === folder) return undefined
    for (const [from, to] of machine) out.fill(0, at + from, at + to)
    items.push(item)
    at = end
  }
  const extensions = [...extensionsOf(bytes, at, bytes.length - size)]
  // What begins with a small letter must be understood.
  if (extensions.some(({ name }) => /^[a-z]/.test(name))) return undefined
  const kept = extensions.filter(({ name }) => name === "REUC")
  const body = Buffer.concat([out.subarray(0, at), ...kept.map((item) => bytes.subarray(item.start, item.end))])
  const sum = createHash(format).update(body).digest()
  return {
    bytes: Buffer.concat([body, sum]),
    items,
    resolved: kept.flatMap((item) => resolved(bytes.subarray(item.start + 8, item.end), size)),
  }
}

/** An entry of an index that stands for a folder outside of a sparse checkout. */
const folder = 0o040000

interface Shape {
  version: number
  size: number
  before: string
}

function entry(bytes: Buffer, at: number, { version, size, before }: Shape): { item: Item; end: number } {
  const flags = bytes.readUInt16BE(at + fixed + size)
  const more = flags & extended ? bytes.readUInt16BE(at + fixed + size + 2) : 0
  const start = at + fixed + size + 2 + (flags & extended ? 2 : 0)
  const { kept, from } = version === 4 ? prefix(bytes, start, before) : { kept: "", from: start }
  const end = bytes.indexOf(0, from)
  if (end < 0) throw new MalformedError("An entry of the index has no end")
  const item = {
    path: kept + bytes.toString("latin1", from, end),
    mode: bytes.readUInt32BE(at + 24),
    id: bytes.toString("hex", at + fixed, at + fixed + size),
    stage: (flags >> 12) & 3,
    isUnwatched: (flags & assumeValid) !== 0 || (more & skipWorktree) !== 0,
  }
  // Up to version 3 an entry is filled up to eight bytes, with at least one zero.
  return { item, end: version === 4 ? end + 1 : at + (((end - at) >> 3) + 1) * 8 }
}

/** Version 4: how much of the path before goes, and what comes in its place. */
function prefix(bytes: Buffer, start: number, before: string) {
  let at = start
  let byte = bytes.readUInt8(at++)
  let gone = byte & 127
  while (byte & 128) {
    byte = bytes.readUInt8(at++)
    gone = ((gone + 1) << 7) + (byte & 127)
  }
  return { kept: before.slice(0, Math.max(0, before.length - gone)), from: at }
}

function* extensionsOf(bytes: Buffer, from: number, to: number) {
  for (let start = from; start + 8 <= to;) {
    const end = start + 8 + bytes.readUInt32BE(start + 4)
    if (end > to) throw new MalformedError("An extension of the index has no end")
    yield { name: bytes.toString("latin1", start, start + 4), start, end }
    start = end
  }
}

/** A path, three modes as octal text, and an object for each mode that is not 0. */
function resolved(bytes: Buffer, size: number) {
  const ids: string[] = []
  const word = (at: number) => {
    const end = bytes.indexOf(0, at)
    if (end < 0) throw new MalformedError("What the index says of conflicts has no end")
    return { text: bytes.toString("latin1", at, end), next: end + 1 }
  }
  for (let at = 0; at < bytes.length;) {
    at = word(at).next
    let sides = 0
    for (let stage = 1; stage <= 3; stage++) {
      const { text, next } = word(at)
      if (Number.parseInt(text, 8) !== 0) sides++
      at = next
    }
    for (; sides > 0; sides--, at += size) ids.push(bytes.toString("hex", at, at + size))
  }
  return ids
}
