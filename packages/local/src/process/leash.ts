import { flushCompileCache } from "node:module"
import { Socket } from "node:net"

/**
 * Loaded into a worker before its program. Descriptor 3 is a pipe that the local system holds the other
 * end of and never writes to: it closes when that system is gone, however it went, and then there is
 * nobody left to work for.
 */
const endMs = 3_000

const leash = new Socket({ fd: 3, readable: true, writable: false })
leash.unref()
leash.resume()
leash.on("error", () => undefined)
leash.on("close", () => {
  process.kill(process.pid, "SIGTERM")
  setTimeout(() => process.kill(-process.pid, "SIGKILL"), endMs)
})

/** By then a worker has loaded what it needs; the next one, after whatever end of this one, loads it faster. */
const loadedMs = 4_000
setTimeout(flushCompileCache, loadedMs).unref()
