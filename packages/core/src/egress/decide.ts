import { hostOf, type Why } from "./schema.ts"

/** Whether the network of what the model runs opens. Pure; where a name leads is looked at when it is connected to. */
export type Decision = { type: "allowed"; name: string } | { type: "refused"; host: string; why: Why }

/** Ports of an entry that names none. */
const usual: readonly number[] = [80, 443]

export function decide(written: string, port: number, allowed: readonly string[]): Decision {
  const host = hostOf(written)
  if (!host) return { type: "refused", host: plain(written), why: "domain" }
  // What stands behind an address is not known, and a list of names says nothing of it.
  if (host.type === "address") return { type: "refused", host: host.address, why: "address" }
  const { name } = host
  if (allowed.some((pattern) => covers(pattern, name, port))) return { type: "allowed", name }
  return { type: "refused", host: name, why: "domain" }
}

/** `*.example.com` covers what is below `example.com`, and not itself. */
export function covers(pattern: string, name: string, port: number) {
  const [host = "", only] = pattern.split(":")
  if (only === undefined ? !usual.includes(port) : Number(only) !== port) return false
  return host.startsWith("*.") ? name.endsWith(host.slice(1)) && name.length >= host.length : name === host
}

/** What was asked for and is no host, to be shown. */
const plain = (text: string) => text.replaceAll(/[^\x21-\x7e]/g, "?").slice(0, 253) || "?"
