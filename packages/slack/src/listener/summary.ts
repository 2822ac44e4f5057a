import type { Session } from "@remote-swe/core/session"
import { Slack } from "@remote-swe/core/slack"

/** What a session is doing, in a few lines. */
export function summary(session: Session.Info, words: Slack.Words) {
  const { cost } = session.usage
  const pulls = session.pullRequests.map(({ url, number, title, repository }) => {
    const name = `${repository}#${number} ${title}`
    return `• ${url ? Slack.link(url, name) : Slack.escape(name)}`
  })
  const doing = session.todo.find((item) => item.status === "active")
  return [
    `*${Slack.escape(session.title)}*: ${words.status[session.status]}`,
    ...(doing ? [`▸ ${Slack.escape(doing.text)}`] : []),
    ...pulls,
    `${words.cost(`$${cost.usd.toFixed(2)}${cost.unpriced > 0 ? " + ?" : ""}`)} · ${Slack.link(Slack.address(session.id), words.dashboard)}`,
  ].join("\n")
}
