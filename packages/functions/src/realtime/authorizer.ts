import { Realtime } from "@remote-swe/core/realtime"
import { realtime } from "sst/aws/realtime"

/** IoT takes nothing shorter. */
const shortestSeconds = 300

/** Opens to a client the topics in its token, for as long as the token lasts; throws for any other. */
export const handler = realtime.authorizer(async (token) => {
  const { subject, expiresAt, subscribe, publish } = await Realtime.verify(token)
  const left = Math.floor((expiresAt - Date.now()) / 1000)
  return {
    principalId: subject.replace(/[^a-z0-9]/gi, "").slice(0, 128),
    disconnectAfterInSeconds: Math.max(left, shortestSeconds),
    // An empty list would become a statement without resources, which IoT refuses.
    ...(subscribe.length > 0 && { subscribe }),
    ...(publish.length > 0 && { publish }),
  }
})
