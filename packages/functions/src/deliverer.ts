import type { Deliver } from "@remote-swe/core/deliver"
import { Resource } from "sst"

/** The deliverers of this deployment: those that have what they need. What nobody uses is not loaded. */
export async function deliverers(): Promise<Deliver.Deliverer[]> {
  if (!("SlackBotToken" in Resource)) return []
  const { Slack } = await import("@remote-swe/core/slack")
  return [Slack.deliverer]
}
