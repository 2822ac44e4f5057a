import { Resource } from "sst"
import { ApprovalEntity } from "./entity.ts"

/** Who may give tasks from Slack. */

/** Ids of the people who may approve others. */
export const admins = () => Resource.SlackSettings.admins.split(",").flatMap((id) => id.trim() || [])

export interface Asker {
  /** The workspace of the app. */
  team: string
  userID: string
  /** They belong to another workspace, or are guests in this one. */
  isOutsider: boolean
}

/**
 * Administrators may, and those whom one of them approved. Where no administrator is named, every member of
 * the workspace may.
 */
export async function isAllowed({ team, userID, isOutsider }: Asker) {
  const named = admins()
  if (named.length === 0) return !isOutsider
  if (named.includes(userID)) return true
  const item = await ApprovalEntity.get({ team, userID }).go({ consistent: true })
  return item.data !== null
}

export async function approve(team: string, userIDs: readonly string[], by: string) {
  for (const userID of userIDs) await ApprovalEntity.put({ team, userID, by, at: Date.now() }).go()
}

export async function revoke(team: string, userIDs: readonly string[]) {
  for (const userID of userIDs) await ApprovalEntity.delete({ team, userID }).go()
}
