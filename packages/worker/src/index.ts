import { setFlagsFromString } from "node:v8"

/**
 * A machine may hold many workers, each of which mostly waits: memory matters more than speed. The flags
 * must be set before anything else is loaded.
 */
setFlagsFromString("--semi-space-growth-factor=1")
setFlagsFromString("--optimize-for-size")

await import("./main.ts")
