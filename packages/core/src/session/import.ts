import * as v from "valibot"
import { Actor } from "../actor/index.ts"
import { Dynamo } from "../dynamo/index.ts"
import { VisibleError } from "../error.ts"
import { File } from "../file/index.ts"
import { Identifier } from "../identifier.ts"
import { Log } from "../log/index.ts"
import { fn } from "../util/fn.ts"
import { blank } from "./blank.ts"
import { carry, upToTurn } from "./carry.ts"
import { Import } from "./schema.ts"
import { insert, load } from "./store.ts"

/**
 * A new session from what was exported of one, here or elsewhere: the conversation up to the end of the last turn and
 * the work tree, as a fork has them. Who said what, and when, is what the importer says it was, so it is not kept.
 */
export const fromExport = fn(
  v.strictObject({ ...Import.entries, newID: v.optional(Identifier.schema("session")) }),
  async ({ newID = Identifier.create("session"), title, repository, model, budget, events, files }) => {
    const creator = Actor.assert("session.create")
    const kept = upToTurn(parse(await File.text(events), new Map(Object.entries(files))))
    if (kept.length === 0)
      throw new VisibleError(
        "input",
        "import.early",
        "No turn has ended in these events: there is nothing to go on from",
      )
    const start = { ...blank(newID, creator), title, repository, model, budget }
    await insert(start).catch((error: unknown) => {
      // An earlier run of the same request broke off here or later.
      if (!Dynamo.isConditionFailed(error)) throw error
    })
    const ours = new Set(Object.values(files))
    await File.claim({ sessionID: newID, files: Log.filesIn(kept).filter(({ id }) => ours.has(id)) })
    await carry(start, kept)
    return load(newID)
  },
)

/** The events of an archive, with its files by the ids that they have here. */
function parse(text: string, files: ReadonlyMap<string, string>): Log.Read[] {
  const events = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line, at) => {
      const known = line.replace(/\bfil_[0-9a-z]{26}\b/g, (id) => files.get(id) ?? id)
      const parsed = v.safeParse(Line, known)
      if (!parsed.success) throw wrong(at + 1, "is no event of a session")
      return parsed.output
    })
  const at = events.findIndex((event, index) => index > 0 && event.seq <= (events[index - 1]?.seq ?? 0))
  if (at > 0) throw wrong(at + 1, "does not come after the one before it")
  return events
}

const Line = v.pipe(v.string(), v.parseJson(), Log.Event)

const wrong = (line: number, what: string) =>
  new VisibleError(
    "input",
    "import.invalid",
    `Line ${line} of the events ${what}: send events.jsonl as it was exported`,
  )
