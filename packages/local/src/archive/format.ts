import { Info } from "@remote-swe/core/session/schema"
import * as v from "valibot"

/** A session as a folder: `session.json`, `events.jsonl` with one event on each line, and `files/<id>`. */

export const format = { format: "remote-swe-session", version: 1 } as const

export const names = { session: "session.json", events: "events.jsonl", files: "files" } as const

/** What `session.json` holds. */
export const Manifest = v.object({
  format: v.literal(format.format),
  version: v.literal(
    format.version,
    "This export is of another version: use the program that wrote it, or a newer one",
  ),
  session: Info,
})
