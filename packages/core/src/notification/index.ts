export * as Notification from "./index.ts"

/** Tells people of what they wait for, where the dashboard is not open (Web Push). */

export * from "./schema.ts"
export { create, deliverer } from "./deliverer.ts"
export { type Letter, post, type Post } from "./post.ts"
export { isSubscribed, list, publicKey, subscribe, unsubscribe } from "./subscription.ts"
