export * as Topic from "./topic.ts"

/**
 * The only place that spells topics. `root` is `<app>/<stage>`, because one IoT endpoint serves all
 * apps of an account and region.
 */
export const channels = ["events", "delta", "inbox"] as const
export type Channel = (typeof channels)[number]

export const session = (root: string, sessionID: string, channel: Channel) => `${root}/session/${sessionID}/${channel}`

/** Every session's new `Info`: for lists. */
export const sessions = (root: string) => `${root}/sessions`
