/** Takes what the launcher could not do, again and again. An alarm tells of it. */
export const dead = new sst.aws.Queue("LauncherDead", {
  transform: { queue: { messageRetentionSeconds: 14 * 86_400, sqsManagedSseEnabled: true } },
})

/** Sessions that the launcher has to look at. */
export const queue = new sst.aws.Queue("LauncherQueue", {
  // Six times the launcher's own limit, as SQS advises.
  visibilityTimeout: "6 minutes",
  dlq: { queue: dead.arn, retry: 5 },
  transform: { queue: { sqsManagedSseEnabled: true } },
})
