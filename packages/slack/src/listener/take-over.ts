import { Deliver } from "@remote-swe/core/deliver"
import { Session } from "@remote-swe/core/session"
import { Slack } from "@remote-swe/core/slack"
import * as v from "valibot"
import { type Heard, tell } from "./heard.ts"
import { summary } from "./summary.ts"

/** Goes on in this thread with a session of another thread, or of the dashboard. */
export async function takeOver(url: string, heard: Heard, here: string | undefined) {
  const { words, thread, person } = heard
  const id = await find(url, thread.team)
  const session = id && (await Session.fromID(id).catch(missing))
  if (!session) return tell(heard, words.notFound)
  if (here && here !== session.id) return tell(heard, words.occupied)

  const before = v.safeParse(Slack.Thread.Target, await Deliver.targetOf(Slack.deliverer, session.id))
  const target: Slack.Thread.Target = { ...thread, language: person.language }
  await Slack.Thread.open(thread, session.id)
  await Deliver.follow(Slack.deliverer, session.id, target, session.head)
  if (before.success && !isSame(before.output, thread)) {
    await Slack.Thread.close(before.output)
    await leave(before.output, heard)
  }
  await tell(heard, `${words.took(Slack.escape(session.title))}\n${summary(session, words)}`)
}

const isSame = (one: Slack.Place, other: Slack.Place) => one.channel === other.channel && one.ts === other.ts

function missing(error: unknown) {
  if (error instanceof Session.NotFoundError) return
  throw error
}

/** The session at a page of the dashboard or in a thread of Slack. */
async function find(url: string, team: string) {
  const [, id] = /\/session\/(ses_[0-9a-hjkmnp-tv-z]{26})\b/.exec(url) ?? []
  if (id) return id
  const [, channel, seconds, micros] = /\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})/.exec(url) ?? []
  if (!channel) return
  const [, parent] = /[?&]thread_ts=([\d.]+)/.exec(url) ?? []
  return Slack.Thread.find({ team, channel, ts: parent ?? `${seconds}.${micros}` })
}

/** Says in the thread before where the session has gone. That the thread may be closed to us is no obstacle. */
async function leave(before: Slack.Thread.Target, { client, place }: Heard) {
  const said = Slack.words(before.language)
  const found = await client.chat.getPermalink({ channel: place.channel, message_ts: place.ts }).catch(closed)
  const where = found?.permalink ? Slack.link(found.permalink, said.anotherThread) : said.anotherThread
  await tell({ client, thread: before }, said.moved(where)).catch(closed)
}

function closed(error: unknown) {
  if (Slack.codeOf(error) === undefined) throw error
  return undefined
}
