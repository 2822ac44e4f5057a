import { randomKey } from "./key.ts"

/** Signs the tokens that open the broker. */
export const realtimeKey = new sst.Linkable("RealtimeKey", {
  properties: { value: randomKey("RealtimeKeyBytes").base64 },
})

/** The authoriser needs the key and nothing else: who may read what stands in the token. */
export const realtime = new sst.aws.Realtime("Realtime", {
  authorizer: { handler: "packages/functions/src/realtime/authorizer.handler", link: [realtimeKey], memory: "256 MB" },
})
