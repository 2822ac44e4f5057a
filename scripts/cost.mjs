// npm run cost [-- --json | --detail | --write]: what a session costs in AWS, counted on the local cloud.
import path from "node:path"
import { build } from "./build.mjs"
import { install, root } from "./install.mjs"
import { launch } from "./launch.mjs"

install()
build()
launch([path.join(root, "packages", "local", "cost", "run.ts"), ...process.argv.slice(2)])
