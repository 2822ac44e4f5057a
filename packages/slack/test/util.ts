import { Actor } from "@remote-swe/core/actor"
import { Deliver } from "@remote-swe/core/deliver"
import { Identifier } from "@remote-swe/core/identifier"
import { Log } from "@remote-swe/core/log"
import { Session } from "@remote-swe/core/session"
import { Slack } from "@remote-swe/core/slack"
import { create } from "../src/consumer.ts"
import { answer } from "../src/door.ts"
import { Fake } from "./fake/index.ts"
import { queue, slack } from "./place.ts"

const consume = create()

/** A request of Slack. */
export const knock = (payload: object, more: Parameters<typeof Fake.sign>[1] = {}) =>
  answer({ ...Fake.sign(payload, more), secret: Fake.signingSecret })

/** Works off what the queue holds, and answers how many messages failed. They stay. */
export async function work() {
  const taken = queue.sent.splice(0)
  const Records = taken.map((body, index) => ({ messageId: String(index), body: JSON.stringify(body) }))
  const { batchItemFailures } = await consume({ Records })
  queue.sent.push(...batchItemFailures.map((item) => taken[Number(item.itemIdentifier)]))
  return batchItemFailures.length
}

interface Said {
  text: string
  user?: string
  thread?: string
  channel?: string
  type?: "message" | "app_mention"
  ts?: string
  extra?: object
}

/** Somebody writes, and the bot hears it. */
export async function say({ thread, ts = slack.next(), ...rest }: Said) {
  await knock(Fake.event({ ts, ...rest, ...(thread && { thread_ts: thread }) }))
  if ((await work()) > 0) throw new Error("The bot could not work on it")
  return ts
}

/** A mention with a task by somebody who may. */
export async function start(text = "Fix the bug") {
  const ts = await say({ text: Fake.mention(text) })
  return { ts, id: await sessionOf(ts) }
}

export async function sessionOf(ts: string, channel = "C0DEV") {
  const id = await Slack.Thread.find({ team: Fake.team, channel, ts })
  if (!id) throw new Error("The thread has no session")
  return id
}

export const allow = (...people: string[]) => Slack.approve(Fake.team, people, "U0BOSS")
export const log = (id: string) => Log.tail(id, 0)
export const texts = async (id: string) =>
  (await log(id)).flatMap((event) => (event.kind === "message" || event.kind === "answer" ? [event.text] : []))
export const system = <Result>(cb: () => Result) => Actor.provide({ type: "system" }, cb)
export const info = (id: string) => system(() => Session.fromID(id))
export const deliver = (id: string, now: () => number = Date.now) =>
  system(() => Deliver.run([Slack.deliverer], id, { now, patienceMs: 0 }))

type WithoutID<T> = T extends unknown ? Omit<T, "id"> : never

/** What a worker appends. */
export async function append(id: string, ...drafts: WithoutID<Log.Body>[]) {
  const { head, worker, generation } = await info(id)
  const joined: WithoutID<Log.Body> = {
    ...{ kind: "joined", generation: generation + 1, host: "test", version: "1", sandbox: "none" },
  } as WithoutID<Log.Body>
  const mine = worker.type === "joined" ? worker.generation : generation + 1
  const all = worker.type === "joined" ? drafts : [joined, ...drafts]
  const events = all.map((draft) => ({ id: Identifier.create("event"), ...draft }) as Log.Body)
  await Actor.provide({ type: "worker", sessionID: id, generation: mine }, () =>
    Session.work({ sessionID: id, generation: mine, after: head, events }),
  )
}

export const turnID = Identifier.create("turn")

/** The turn begins and reads all that is unread. */
export async function begin(id: string) {
  const { unread } = await info(id)
  await append(id, { kind: "turn", turn: { phase: "started", turnID, read: unread.map((item) => item.seq) } })
}

export const output = (text: string, more: Partial<Log.BodyOf<"output">> = {}) => ({
  ...{ kind: "output" as const, turnID, read: [], content: [{ type: "text" as const, text }], model: "test" },
  ...{ stopReason: "end" as const, tokens: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 }, cost: 0.5 },
  ...{ durationMs: 1, ...more },
})

export const ended = (outcome: Log.Outcome, message?: string) => ({
  ...{ kind: "turn" as const },
  turn: { phase: "ended" as const, turnID, outcome, ...(message && { problem: { code: "test", message } }) },
})
