import { Slack } from "@remote-swe/core/slack"
import type { AllMiddlewareArgs } from "@slack/bolt"

export interface Person {
  name: string
  language: Slack.Language
  isOutsider: boolean
}

interface Known {
  person: Person
  until: number
}
const known = new Map<string, Known>()
const keptMs = 60 * 60_000

/** Who somebody is. Where Slack does not say, what the event says must do: no task is lost for a name. */
export async function look(client: AllMiddlewareArgs["client"], userID: string): Promise<Person> {
  const found = known.get(userID)
  if (found && found.until > Date.now()) return found.person
  const answer = await client.users.info({ user: userID, include_locale: true }).catch(() => undefined)
  const user = answer?.user
  if (!user) return { name: userID, language: "en", isOutsider: false }
  const person = {
    name: (user.profile?.display_name || user.real_name || user.name || userID).slice(0, 200),
    language: Slack.languageOf(user.locale),
    isOutsider: [user.is_restricted, user.is_ultra_restricted, user.is_stranger, user.is_bot].includes(true),
  }
  known.set(userID, { person, until: Date.now() + keptMs })
  return person
}
