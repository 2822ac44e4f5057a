import { Diff } from "@remote-swe/core/diff"
import { parse, withActor } from "../context/auth.ts"

/** What the session changed so far, as the worker last said. */
export async function sessionDiff(id: string) {
  "use server"
  return withActor(() => Diff.fromSession(parse(Diff.fromSession.schema, id)))
}
