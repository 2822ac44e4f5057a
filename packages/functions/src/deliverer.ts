import type { Deliver } from "@remote-swe/core/deliver"
import { Resource } from "sst"

/** The deliverers of this deployment: those that have what they need. What nobody uses is not loaded. */
export async function deliverers(): Promise<Deliver.Deliverer[]> {
  const slack = "SlackBotToken" in Resource ? [(await import("@remote-swe/core/slack")).Slack.deliverer] : []
  const push = "PushKey" in Resource ? [(await import("@remote-swe/core/notification")).Notification.deliverer] : []
  return [...slack, ...push]
}
