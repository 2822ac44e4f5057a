// node scripts/run.mjs <file> [arguments]: installs what is missing and runs the file with the pinned Node.
import path from "node:path"
import { fail, install, root } from "./install.mjs"
import { launch } from "./launch.mjs"

const [file, ...args] = process.argv.slice(2)
if (!file) fail("Usage: node scripts/run.mjs <file> [arguments]")

install()
launch([path.resolve(root, file), ...args])
