import { links } from "../../core/test/cloud.ts"
import { Fake } from "./fake/index.ts"
import { queue, slack } from "./place.ts"

await links()
process.env["AWS_ENDPOINT_URL_SQS"] = queue.url
const resources = {
  LauncherQueue: { url: `${queue.url}/queue/launcher` },
  SlackQueue: { url: `${queue.url}/queue/slack` },
  SlackBotToken: { value: Fake.botToken },
  SlackSigningSecret: { value: Fake.signingSecret },
  SlackSettings: { admins: "U0BOSS, U0CHIEF", apiURL: slack.url },
}
for (const [name, value] of Object.entries(resources)) process.env[`SST_RESOURCE_${name}`] = JSON.stringify(value)
