import type { ActionsBlock, KnownBlock } from "@slack/types"
import type { BodyOf, InfoOf, PullRequest } from "../log/schema.ts"
import { escape, fromMarkdown, link } from "./mrkdwn.ts"
import { split } from "./split.ts"
import type { Words } from "./words.ts"

/** Messages as Slack takes them. `text` is what notifications and screen readers say. */

export interface Message {
  text: string
  blocks: KnownBlock[]
}

/** What a button carries back. */
export interface Choice {
  sessionID: string
  askID: string
  text: string
  approved?: boolean
}

/** What buttons' action ids begin with. */
export const choice = "answer:"
/** The block that goes when a choice was made. */
export const choices = "choices"

// Verbatim: nothing in it becomes a mention that we did not write as one.
const section = (text: string): KnownBlock => ({ type: "section", text: { type: "mrkdwn", text, verbatim: true } })

/** `mrkdwn` must be one part of `split`, or our own words. */
export const text = (mrkdwn: string): Message => ({ text: mrkdwn, blocks: [section(mrkdwn)] })

export function question(ask: InfoOf<"ask">, said: Words): Message {
  const parts = split(`:question: ${fromMarkdown(ask.text)}`)
  const hint = ask.options.length > 0 || ask.type !== "question" ? said.reply : said.replyOnly
  const shown = [...parts.slice(0, 4).map(section), { type: "context" as const, elements: [mrkdwn(hint)] }]
  const buttons = buttonsOf(ask, said)
  return { text: parts[0] ?? "", blocks: buttons ? [...shown, buttons] : shown }
}

const mrkdwn = (text: string) => ({ type: "mrkdwn" as const, text, verbatim: true })

function buttonsOf(ask: BodyOf<"ask"> & { sessionID: string }, said: Words): ActionsBlock | undefined {
  const { sessionID, askID } = ask
  const options: { text: string; approved?: boolean }[] =
    ask.type === "question"
      ? ask.options.map((text) => ({ text }))
      : [
          { text: said.approve, approved: true },
          { text: said.decline, approved: false },
        ]
  if (options.length === 0) return
  return {
    type: "actions",
    block_id: choices,
    // Slack takes 25 buttons, with 75 characters each.
    elements: options.slice(0, 25).map(({ text, approved }, index) => ({
      type: "button",
      action_id: `${choice}${index}`,
      text: { type: "plain_text", text: text.length > 75 ? `${text.slice(0, 74).toWellFormed()}…` : text },
      value: JSON.stringify({ sessionID, askID, text, ...(approved !== undefined && { approved }) } satisfies Choice),
      ...(approved === true && { style: "primary" as const }),
      ...(approved === false && { style: "danger" as const }),
    })),
  }
}

export function pullRequest(pull: PullRequest, said: Words): Message {
  const name = `${pull.repository}#${pull.number}`
  const sum = (key: "additions" | "deletions") => pull.changes.reduce((total, change) => total + change[key], 0)
  const title = pull.url ? link(pull.url, pull.title) : escape(pull.title)
  const shown = [
    `:rocket: *${said.pullRequest}* ${escape(name)}: *${title}*`,
    `\`${escape(pull.branch)}\` → \`${escape(pull.base)}\` · ${said.changes(pull.changes.length, sum("additions"), sum("deletions"))}`,
  ].join("\n")
  const [body = "", ...more] = split(fromMarkdown(pull.body), 1_500)
  const rest = body ? [section(more.length > 0 ? `${body}\n…` : body)] : []
  return { text: `${said.pullRequest} ${escape(name)}: ${escape(pull.title)}`, blocks: [section(shown), ...rest] }
}
