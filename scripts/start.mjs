// npm start: everything on this machine. Arguments after `--` go to the local system.
import path from "node:path"
import { build } from "./build.mjs"
import { install, root } from "./install.mjs"
import { launch } from "./launch.mjs"

install()
build()
launch([path.join(root, "packages", "local", "src", "index.ts"), ...process.argv.slice(2)])
