import { randomKey } from "./key.ts"

/** What the key pair for browsers' push services is derived from. Another one ends all subscriptions. */
export const pushKey = new sst.Linkable("PushKey", { properties: { value: randomKey("PushKeyBytes").base64 } })
