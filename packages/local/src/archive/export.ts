import { mkdir, rename, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { ApiError, type Client } from "@remote-swe/core/client"
import { filesIn } from "@remote-swe/core/log/refer"
import type { Read } from "@remote-swe/core/log/schema"
import { format, names } from "./format.ts"

export interface Exported {
  folder: string
  events: number
  files: number
  /** Files that the system no longer has. */
  missing: number
}

const page = 1_000

/**
 * Writes one session into `<parent>/<its id>`: what it is, its whole log, and its files. A folder that is there from
 * before is replaced when all of the new one is written.
 */
export async function exportSession(api: Client.Rest, id: string, parent: string): Promise<Exported> {
  const session = await api.get(id)
  const folder = path.join(parent, id)
  const draft = `${folder}.part`
  await rm(draft, { recursive: true, force: true })
  await mkdir(path.join(draft, names.files), { recursive: true })
  const events = await read(api, id)
  await writeFile(path.join(draft, names.events), events.map((event) => `${JSON.stringify(event)}\n`).join(""))
  const wanted = filesIn(events)
  let files = 0
  for (const file of wanted) {
    const bytes = await api.download(file).catch(ignoreMissing)
    if (!bytes) continue
    await writeFile(path.join(draft, names.files, file.id), bytes)
    files++
  }
  await writeFile(path.join(draft, names.session), `${JSON.stringify({ ...format, session }, null, 2)}\n`)
  await rm(folder, { recursive: true, force: true })
  await rename(draft, folder)
  return { folder, events: events.length, files, missing: wanted.length - files }
}

async function read(api: Client.Rest, id: string) {
  const events: Read[] = []
  for (;;) {
    const { items, head } = await api.events(id, { after: events.length, limit: page })
    for (const event of items) events.push(event.cut ? await api.event(id, event.seq) : event)
    if (events.length >= head || items.length === 0) return events
  }
}

function ignoreMissing(error: unknown) {
  if (error instanceof ApiError && error.status === 404) return undefined
  throw error
}
