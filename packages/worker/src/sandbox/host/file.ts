import { constants, lstatSync, type Stats, statSync } from "node:fs"
import { mkdir, open, realpath, stat } from "node:fs/promises"
import { basename, dirname, join, resolve, sep } from "node:path"
import { chunkBytes, type InspectValue, type ReadValue, type Settings, type StatValue } from "../protocol.ts"
import { HostError } from "./problem.ts"

const within = (path: string, folders: readonly string[]) =>
  folders.some((folder) => path === folder || path.startsWith(folder + sep))

/** The real path, symbolic links followed, also of what does not exist yet. */
async function real(path: string): Promise<string> {
  const found = await realpath(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined
    throw error
  })
  if (found !== undefined) return found
  const parent = dirname(path)
  return parent === path ? path : join(await real(parent), basename(path))
}

async function readable(settings: Settings, path: string) {
  const target = await real(resolve(settings.root, path))
  if (within(target, settings.denied) && !within(target, settings.writable))
    throw new HostError("forbidden", `This path is outside the session: ${path}`)
  return target
}

async function writable(settings: Settings, path: string) {
  const target = await real(resolve(settings.root, path))
  if (!within(target, settings.writable))
    throw new HostError("forbidden", `Only files below ${settings.root} can be written: ${path}`)
  return target
}

export async function read(settings: Settings, path: string, offset: number, length: number): Promise<ReadValue> {
  const target = await readable(settings, path)
  // Without O_NONBLOCK, opening a named pipe that nobody writes to would wait for ever.
  const file = await open(target, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const info = await file.stat()
    if (info.isDirectory()) throw new HostError("input", `It is a folder: ${path}`)
    if (!info.isFile()) throw new HostError("input", `It is not a regular file: ${path}`)
    const buffer = Buffer.alloc(Math.min(length, chunkBytes, Math.max(0, info.size - offset)))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset)
    return { bytes: buffer.subarray(0, bytesRead).toString("base64"), size: info.size }
  } finally {
    await file.close()
  }
}

/** One piece of a file; the first (`offset` 0) empties it. */
export async function write(settings: Settings, path: string, offset: number, bytes: Buffer) {
  const target = await writable(settings, path)
  if (offset === 0) await mkdir(dirname(target), { recursive: true })
  const fresh = constants.O_CREAT | constants.O_TRUNC
  const file = await open(target, constants.O_WRONLY | constants.O_NONBLOCK | (offset === 0 ? fresh : 0), 0o666)
  try {
    await file.write(bytes, 0, bytes.length, offset)
  } finally {
    await file.close()
  }
}

export async function look(settings: Settings, path: string): Promise<StatValue> {
  const target = await readable(settings, path)
  const info = await stat(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined
    throw error
  })
  if (!info) return { type: "missing", size: 0 }
  return { type: info.isFile() ? "file" : info.isDirectory() ? "directory" : "other", size: info.size }
}

/** Of a folder of the session only; nothing is said of what lies above it. */
export async function inspect(settings: Settings, folder: string, paths: readonly string[]): Promise<InspectValue> {
  const root = Buffer.from(`${await writable(settings, folder)}${sep}`)
  return paths.map((path) => {
    if (path.split("/").includes("..")) throw new HostError("forbidden", `This path is outside the folder: ${path}`)
    const info = found(Buffer.concat([root, Buffer.from(path, "latin1")]))
    return info ? entry(info) : { type: "missing", size: 0, mode: 0, changed: 0 }
  })
}

/** A file may go away at any time, or a folder become a file. */
function found(path: Buffer) {
  try {
    return lstatSync(path)
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined
    throw error
  }
}

function entry(info: Stats): InspectValue[number] {
  const { size, mode, ctimeMs: changed } = info
  const type = info.isFile() ? "file" : info.isDirectory() ? "directory" : info.isSymbolicLink() ? "link" : "other"
  return { type, size, mode: mode & 0o777, changed }
}

/** The folder that a command starts in. */
export function folder(settings: Settings, path = ".") {
  const target = resolve(settings.root, path)
  if (!statSync(target, { throwIfNoEntry: false })?.isDirectory())
    throw new HostError("missing", `There is no such folder: ${path}`)
  return target
}
