import { Identifier } from "../../src/identifier.ts"
import { Log } from "../../src/log/index.ts"
import { blank } from "../../src/session/blank.ts"
import { insert, rouse } from "../../src/session/store.ts"
import { owner } from "../util.ts"

/** What writers leave that break down half-way. */

/** A session without its first message. */
export async function stub() {
  const id = Identifier.create("session")
  await insert(blank(id, owner))
  return id
}

/** A message that is in the log, and that nobody was told of. */
export async function untold(sessionID: string, after: number) {
  await rouse(sessionID)
  const id = Identifier.create("event")
  const body: Log.BodyOf<"message"> = {
    id,
    kind: "message",
    author: "Ada",
    source: "api",
    text: "Still there?",
    files: [],
    delivery: "steer",
  }
  await Log.append({ sessionID, after, body })
}
