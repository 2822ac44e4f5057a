import path from "node:path"
import type { Config } from "../config.ts"
import { reach } from "../reach.ts"
import { exportSession } from "./export.ts"
import { exportsIn, importSession } from "./import.ts"

const say = (text: string) => void process.stdout.write(`${text}\n`)

interface Options {
  config: Config.Info
  folder: string
  /** Another system than the one of this folder. */
  url: string | undefined
}

/** Exports these sessions, or all that there are. */
export async function save({ config, folder, url, ids }: Options & { ids: readonly string[] }) {
  const { api, stop } = await reach(config, url)
  try {
    const parent = path.resolve(config.cwd, folder)
    let count = 0
    for await (const id of ids.length > 0 ? ids : all(api)) {
      const { events, files, missing } = await exportSession(api, id, parent)
      const lost = missing > 0 ? `, ${missing} that are no longer kept left out` : ""
      say(`${id}: ${events} events, ${files} files${lost}`)
      count++
    }
    say(`Exported ${count} to ${parent}`)
  } finally {
    await stop()
  }
}

/** Makes new sessions of what was exported. */
export async function load({ config, folder, url }: Options) {
  const folders = await exportsIn(path.resolve(config.cwd, folder))
  const { api, url: address, stop } = await reach(config, url)
  try {
    for (const place of folders) {
      const { id, title } = await importSession(api, place)
      say(`${path.basename(place)} is ${address}/session/${id} (${title})`)
    }
  } finally {
    await stop()
  }
}

async function* all(api: Awaited<ReturnType<typeof reach>>["api"]) {
  let cursor: string | undefined
  do {
    const found = await api.list({ limit: 100, ...(cursor && { cursor }) })
    for (const { id } of found.items) yield id
    cursor = found.cursor
  } while (cursor)
}
