// npm run bench [-- part …]: how long things take, as a table.
import path from "node:path"
import { build } from "./build.mjs"
import { install, root } from "./install.mjs"
import { launch } from "./launch.mjs"

install()
build()
launch([path.join(root, "packages", "local", "bench", "run.ts"), ...process.argv.slice(2)])
