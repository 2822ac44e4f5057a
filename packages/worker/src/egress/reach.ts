import { isPublic } from "@remote-swe/core/util/address"
import { Resolver } from "node:dns/promises"
import { isIP, connect as open, type Socket } from "node:net"
import { networkInterfaces } from "node:os"

/** How the proxy gets to a host. Tests bring their own internet. */
export interface Way {
  /** The addresses of a name; none where it has none. */
  resolve(name: string): Promise<string[]>
  /** Whether a connection may go there. */
  isOpen(address: string): boolean
}

/** What a resolver may take, and how often it is asked. */
const patience = { timeout: 5_000, tries: 2 }
const connectMs = 30_000

/**
 * Asks resolvers itself, and not by way of the system: that would ask by its files, and for a whole second name
 * where a suffix is set; and many slow questions would keep this process from its files.
 */
export const internet: Way = {
  async resolve(name) {
    const resolver = new Resolver(patience)
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
    return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
  },
  isOpen: (address) => isPublic(address) && !isOwn(address),
}

/** What listens on a public address of this machine is this machine's. */
function isOwn(address: string) {
  return Object.values(networkInterfaces())
    .flat()
    .some((item) => item?.address === address)
}

/** A connection to one of these addresses, which were looked at: the name is not asked for again. */
export function connect(name: string, port: number, addresses: readonly string[]): Promise<Socket> {
  const found = addresses.map((address) => ({ address, family: isIP(address) }))
  const socket = open({
    host: name,
    port,
    allowHalfOpen: true,
    autoSelectFamily: true,
    lookup: (_name, _options, cb) => cb(null, found),
  })
  return new Promise((resolve, reject) => {
    const late = () => socket.destroy(new Error(`It did not answer within ${connectMs / 1000} seconds`))
    socket.setTimeout(connectMs, late)
    socket.once("error", reject)
    socket.once("connect", () => {
      socket.off("timeout", late)
      socket.off("error", reject)
      resolve(socket)
    })
  })
}
