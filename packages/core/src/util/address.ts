import { BlockList, isIPv4, isIPv6 } from "node:net"

/** Addresses of hosts on the internet, as IANA's registries of special purposes leave them. */

const inward = new BlockList()
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Of Azure, to machines only.
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const)
  inward.addSubnet(net, prefix, "ipv4")

/** Whatever is global in IPv6 but for what carries IPv4 in it, and for examples. */
const outward = new BlockList()
outward.addSubnet("2000::", 3, "ipv6")
const wrapping = new BlockList()
for (const [net, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  wrapping.addSubnet(net, prefix, "ipv6")

export function isPublic(address: string) {
  if (isIPv4(address)) return !inward.check(address, "ipv4")
  return isIPv6(address) && outward.check(address, "ipv6") && !wrapping.check(address, "ipv6")
}
