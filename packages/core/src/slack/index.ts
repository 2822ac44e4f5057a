export * as Slack from "./index.ts"

/** Slack without its framework: what is said to it, who may use it, and which thread is whose session. */

export { admins, approve, isAllowed, revoke } from "./access.ts"
export * as Block from "./block.ts"
export { client, codeOf, logger, options } from "./client.ts"
export { address, deliverer } from "./deliverer.ts"
export { upload } from "./perform.ts"
export { escape, link, toPlain } from "./mrkdwn.ts"
export { ending, type Place } from "./place.ts"
export { userPrefix } from "./plan.ts"
export * as Thread from "./thread.ts"
export { type Language, languageOf, type Words, words } from "./words.ts"
