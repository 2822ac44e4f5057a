import type { Sandbox } from "../../src/sandbox/index.ts"
import { never, nothing, saved, sh, type World, world } from "../sandbox/world.ts"
import { script } from "./looking.ts"

/** All that a save promises to bring back, as text. */
export const look = (sandbox: Sandbox.Info, name = "origin") => sh(sandbox, script, name)

/** The same in few words, where there is more than a command may print. */
export const summary = (sandbox: Sandbox.Info, name = "origin") => sh(sandbox, `(${script}) | sha256sum`, name)

/** The session goes on elsewhere: other folders, other process of git, the same files in the bucket. */
export async function move(from: World) {
  const entry = await saved(from)
  const to = await world({ sessionID: from.sessionID, files: from.files })
  await to.workspace.restore(entry ?? nothing, never)
  return { entry, to }
}
