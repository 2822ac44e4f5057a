import { Idempotency } from "@remote-swe/core/idempotency"
import { Slack } from "@remote-swe/core/slack"

/**
 * Does the work for a message once, whatever Slack sends again: it repeats what was not answered in time,
 * and has told of one message under several event ids. After a failure the next try may begin anew.
 */
export async function once({ team, channel, ts }: Slack.Place, work: () => Promise<void>) {
  const claim = await Idempotency.claim({
    actor: `${Slack.userPrefix}${team}`,
    route: "slack",
    key: `${channel}:${ts}`,
    body: "",
  })
  if (claim.type === "done") return
  try {
    await work()
  } catch (error) {
    await Idempotency.settle(claim)
    throw error
  }
  await Idempotency.settle(claim, { status: 200, body: "" })
}
