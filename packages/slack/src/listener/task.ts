import { Deliver } from "@remote-swe/core/deliver"
import { Identifier } from "@remote-swe/core/identifier"
import { Session } from "@remote-swe/core/session"
import { Slack } from "@remote-swe/core/slack"
import { take } from "./file.ts"
import { type Heard, tell } from "./heard.ts"

/** Gives what was said to the thread's session, and starts one where there is none. Safe to repeat. */
export async function give(heard: Heard, known: string | undefined) {
  const files = await take(heard)
  const text = Slack.toPlain(heard.text) || files.map((file) => file.name).join(", ")
  if (text === "") {
    if (heard.isAddressed && heard.files.length === 0) await tell(heard, heard.words.empty)
    return
  }
  const said = { text, files, messageID: Identifier.create("event", Slack.ending(heard.place)) }
  if (!known) return send(await begin(heard), said)
  try {
    await say(known, said)
    if (!(await Deliver.targetOf(Slack.deliverer, known))) await follow(heard, known)
  } catch (error) {
    if (!(error instanceof Session.NotFoundError)) throw error
    const next = newID(heard)
    if (!heard.isAddressed || next === known) return tell(heard, heard.words.deleted)
    await follow(heard, next)
    await Slack.Thread.replace(heard.thread, known, next)
    await send(next, said)
  }
}

interface Said {
  text: string
  files: Awaited<ReturnType<typeof take>>
  messageID: string
}

const newID = ({ place }: Heard) => Identifier.create("session", Slack.ending(place))

/** The session that the thread gets, if nobody was faster. It is followed before it exists, so that nothing of it is missed. */
async function begin(heard: Heard) {
  const id = newID(heard)
  await follow(heard, id)
  return Slack.Thread.open(heard.thread, id)
}

async function follow({ thread, person }: Heard, sessionID: string) {
  const target: Slack.Thread.Target = { ...thread, language: person.language }
  await Deliver.follow(Slack.deliverer, sessionID, target)
}

/** To whoever asked a question the reply is the answer. */
async function say(id: string, { text, files, messageID }: Said) {
  const { waitingOn } = await Session.fromID(id)
  if (waitingOn?.type === "question" && files.length === 0 && text.length <= 20_000)
    return void (await Session.reply({ id, askID: waitingOn.askID, text, messageID }))
  await send(id, { text, files, messageID })
}

/** A session is made with its first message; a later one, or the same again, goes to the one that there is. */
async function send(id: string, { text, files, messageID }: Said) {
  await Session.create({ id, messageID, message: text, files, source: "slack" })
}
