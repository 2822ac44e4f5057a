import { readFileSync } from "node:fs"
import path from "node:path"
import { work } from "./harness/place.ts"
import { scenes, type Scenes } from "./scenes.ts"

/** A fresh copy of what the last evaluation left. */
export function recorded(): Scenes {
  const read = (name: string) => JSON.parse(readFileSync(path.join(work, "run", name, "result.json"), "utf8"))
  return Object.fromEntries(Object.keys(scenes).map((name) => [name, read(name)])) as Scenes
}
