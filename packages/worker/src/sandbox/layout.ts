import { randomInt, randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, realpath, stat, writeFile } from "node:fs/promises"
import { homedir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { marker, type Settings } from "./protocol.ts"

/** Makes the folders of a session below `dir`, for commands that run as this process's own user. */
export async function make(dir: string, denied: readonly string[]): Promise<Settings> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const settings = below(await realpath(dir))
  await writeFile(join(dir, marker), "")
  for (const folder of settings.writable) await mkdir(folder, { recursive: true, mode: 0o700 })
  const hidden = await Promise.all(denied.map((path) => realpath(path).catch(() => path)))
  return { ...settings, denied: [...settings.denied, ...hidden, ...(await surroundings(await realpath(dir)))] }
}

/** The same folders where they are there already and belong to another user: this process cannot look into them. */
export const ready = async (dir: string): Promise<Settings> => below(await realpath(dir))

function below(dir: string): Settings {
  const [root, home, tmp, output] = [join(dir, "workspace"), join(dir, "home"), join(dir, "tmp"), join(dir, "output")]
  return {
    root,
    home,
    tmp,
    output,
    writable: [root, home, tmp, output],
    denied: [dir],
    // Below the default of Linux (819200), which is also the most that an ordinary user may set.
    mark: { name: randomUUID(), queue: randomInt(300_000, 819_000) },
    shell: which("bash") ?? "/bin/sh",
  }
}

/**
 * The folders around the session's that only their owner may enter: there the system keeps other
 * sessions, its keys and its table. It ends where others may look, and below the owner's home.
 */
async function surroundings(dir: string): Promise<string[]> {
  const parent = dirname(dir)
  const { mode } = await stat(parent)
  if ((mode & 0o077) !== 0 || `${homedir()}/`.startsWith(`${parent}/`)) return []
  return [parent, ...(await surroundings(parent))]
}

function which(name: string) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder.startsWith("/"))
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}
