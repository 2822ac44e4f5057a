import { createHash } from "node:crypto"

/** Where a message of Slack stands. Slack names messages by channel and time stamp. */
export interface Place {
  team: string
  channel: string
  /** Such as `1700000001.123456`. */
  ts: string
}

const digits = "0123456789abcdefghjkmnpqrstvwxyz"

const encode = (value: bigint, length: number) =>
  Array.from({ length }, (_, index) => digits[Number((value >> BigInt(5 * (length - 1 - index))) & 31n)]).join("")

const decode = (text: string) => [...text].reduce((value, digit) => value * 32 + digits.indexOf(digit), 0)

/**
 * What the ids of all that this message makes end with. The same message makes the same, under however
 * many event ids Slack tells of it. The time stamp can be read back from it.
 */
export function ending({ team, channel, ts }: Place) {
  const [seconds = "0", fraction = ""] = ts.split(".")
  const micros = Number(fraction.padEnd(6, "0").slice(0, 6))
  const time = BigInt(seconds) * 1000n + BigInt(Math.floor(micros / 1000))
  const hash = createHash("sha256")
    .update(JSON.stringify([team, channel, ts]))
    .digest("hex")
  const rest = BigInt(`0x${hash}`) & ((1n << 70n) - 1n)
  return encode(time, 10) + encode(BigInt(micros % 1000), 2) + encode(rest, 14)
}

/** The time stamp of the message that made this id. */
export function tsOf(id: string) {
  const ending = id.slice(-26)
  const time = decode(ending.slice(0, 10))
  const micros = (time % 1000) * 1000 + decode(ending.slice(10, 12))
  return `${Math.floor(time / 1000)}.${String(micros).padStart(6, "0")}`
}
