const { accountId } = aws.getCallerIdentityOutput({})
const { name: region } = aws.getRegionOutput({})
const { partition } = aws.getPartitionOutput({})

export { accountId, region }

const consoles: Record<string, string> = {
  "aws-cn": "console.amazonaws.cn",
  "aws-us-gov": "console.amazonaws-us-gov.com",
}

/** Where people read a log group; `/log-events/<stream>` leads on from there. */
export function logsURL(group: string) {
  // The console takes what stands behind its # encoded twice, with another sign for the second time.
  const place = encodeURIComponent(encodeURIComponent(group)).replaceAll("%", "$")
  const host = partition.apply((name) => consoles[name] ?? "console.aws.amazon.com")
  return $interpolate`https://${region}.${host}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${place}`
}

/** The name of something in this account and region. */
export const arn = (service: string, resource: $util.Input<string>) =>
  $interpolate`arn:${partition}:${service}:${region}:${accountId}:${resource}`

/** The name of something in this account that no region has of its own. */
export const globalArn = (service: string, resource: $util.Input<string>) =>
  $interpolate`arn:${partition}:${service}::${accountId}:${resource}`

/** The name of something that AWS owns, such as an image or a foundation model. `place` may be `*`. */
export const publicArn = (service: string, resource: $util.Input<string>, place: $util.Input<string> = region) =>
  $interpolate`arn:${partition}:${service}:${place}::${resource}`
