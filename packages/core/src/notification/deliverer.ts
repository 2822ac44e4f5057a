import { Resource } from "sst"
import * as v from "valibot"
import type { Deliverer } from "../deliver/index.ts"
import { Session } from "../session/index.ts"
import { kinds, type News, plan } from "./plan.ts"
import { post, type Post } from "./post.ts"
import * as Subscription from "./subscription.ts"
import { tell, TellError } from "./tell.ts"

const Target = v.object({ userID: v.string() })

/** Tells a session's owner what they wait for, by `send`. */
export function create(send: Post): Deliverer<News> {
  return {
    name: "push",
    kinds,
    plan: (state, event) => ({ state, acts: plan(event) }),
    perform: (news, context) => tell(news, context, v.parse(Target, context.target).userID, send),
    explain: (error) => (error instanceof TellError ? error.failure : undefined),
    invite,
  }
}

export const deliverer = create(post)

/** Follows a session only where its owner has a browser to be told in: it costs the others nothing but this look. */
async function invite(sessionID: string) {
  const userID = ownerOf(await Session.fromID(sessionID))
  const isWanted = userID !== undefined && (await Subscription.of(userID)).length > 0
  return isWanted ? { userID } : undefined
}

/** Who started it. A session that an agent started is its parent's affair. */
function ownerOf({ creator, parentID }: Session.Info) {
  if (parentID || creator.type === "worker") return undefined
  if (creator.type === "user") return creator.userID
  return isOwners() ? "owner" : undefined
}

/** Whether the installation belongs to one person, who needs no login: then scripts and schedules are theirs. */
function isOwners() {
  const { hostname } = new URL(Resource.Settings.webURL)
  return !("Auth" in Resource) && /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(hostname)
}
