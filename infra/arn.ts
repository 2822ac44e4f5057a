const { accountId } = aws.getCallerIdentityOutput({})
const { name: region } = aws.getRegionOutput({})
const { partition } = aws.getPartitionOutput({})

export { accountId, region }

/** The name of something in this account and region. */
export const arn = (service: string, resource: $util.Input<string>) =>
  $interpolate`arn:${partition}:${service}:${region}:${accountId}:${resource}`

/** The name of something in this account that no region has of its own. */
export const globalArn = (service: string, resource: $util.Input<string>) =>
  $interpolate`arn:${partition}:${service}::${accountId}:${resource}`

/** The name of something that AWS owns, such as an image or a foundation model. `place` may be `*`. */
export const publicArn = (service: string, resource: $util.Input<string>, place: $util.Input<string> = region) =>
  $interpolate`arn:${partition}:${service}:${place}::${resource}`
