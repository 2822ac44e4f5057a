import { Session } from "@remote-swe/core/session"
import { Usage } from "@remote-swe/core/usage"
import { query } from "@solidjs/router"
import * as v from "valibot"
import { parse, withActor } from "../context/auth.ts"

const dayMs = 86_400_000
const Days = v.picklist([7, 30, 90])
/** Sessions whose titles are looked up; the rest is shown by id. */
const titled = 20

/** What the last `days` days cost, the names of the dearest sessions beside their ids. */
export const usageReport = query(async (days: number) => {
  "use server"
  return withActor(async () => {
    const day = (at: number) => new Date(at).toISOString().slice(0, 10)
    const from = day(Date.now() - (parse(Days, days) - 1) * dayMs)
    const report = await Usage.report({ from, to: day(Date.now()) })
    const names = report.sessions.slice(0, titled).map(async ({ sessionID }) => {
      // What a deleted session cost is counted still, its title is gone.
      const info = await Session.fromID(sessionID).catch((error: unknown) => {
        if (!(error instanceof Session.NotFoundError)) throw error
      })
      return [sessionID, info?.title] as const
    })
    const titles: Record<string, string | undefined> = Object.fromEntries(await Promise.all(names))
    return { ...report, titles }
  })
}, "usage.report")
