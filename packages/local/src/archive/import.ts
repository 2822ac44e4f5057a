import { readdir, readFile } from "node:fs/promises"
import path from "node:path"
import type { Client } from "@remote-swe/core/client"
import { filesIn } from "@remote-swe/core/log/refer"
import { decode } from "@remote-swe/core/log/schema"
import * as v from "valibot"
import { ConfigError } from "../config.ts"
import { ignoreMissing } from "../home.ts"
import { Manifest, names } from "./format.ts"

/** The exports in a folder: itself, or those that are in it. */
export async function exportsIn(folder: string): Promise<string[]> {
  const isExport = async (place: string) =>
    (await readFile(path.join(place, names.session)).catch(ignoreMissing)) && place
  if (await isExport(folder)) return [folder]
  const entries = (await readdir(folder, { withFileTypes: true }).catch(ignoreMissing)) ?? []
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(folder, name))
  const found = (await Promise.all(folders.toSorted().map(isExport))).filter((place) => place !== undefined)
  if (found.length === 0)
    throw new ConfigError(
      `There is no ${names.session} in ${folder}, nor in a folder of it: name what \`export\` has written`,
    )
  return found
}

/** Makes a new session of an export. A model that the system does not serve is left to its default. */
export async function importSession(api: Client.Rest, folder: string) {
  const { session } = await manifest(folder)
  const bytes = await readFile(path.join(folder, names.events))
  const events = bytes
    .toString("utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => decode(JSON.parse(line)))
  const files: Record<string, string> = {}
  for (const { id, name, type } of filesIn(events)) {
    const content = await readFile(path.join(folder, names.files, id)).catch(ignoreMissing)
    if (content) files[id] = (await api.upload(name, type, content)).id
  }
  const { items } = await api.models()
  const model = items.find((item) => item.id === session.model)?.id
  const upload = await api.upload(names.events, "application/x-ndjson", bytes)
  return api.import({
    title: session.title,
    ...(session.repository && { repository: session.repository }),
    ...(model && { model }),
    ...(session.budget !== undefined && { budget: session.budget }),
    events: upload.id,
    files,
  })
}

async function manifest(folder: string) {
  const file = path.join(folder, names.session)
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Manifest), await readFile(file, "utf8"))
  if (parsed.success) return parsed.output
  throw new ConfigError(`${file} is no export of a session: ${parsed.issues[0].message}`)
}
