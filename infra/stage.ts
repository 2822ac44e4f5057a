import { arn } from "./arn.ts"
import { Config } from "./config.ts"
import "./link.ts"
import { packed } from "./pack.ts"

/** Production keeps its data: `sst remove` refuses, and nothing that holds data is deleted. */
export const isProduction = $app.stage === "production"

export const rolePath = "/remote-swe/"

export const workerLogGroup = `/${$app.name}/${$app.stage}/worker`

/** What SST's components grant their own functions and ours don't need. */
const needless = ["iot:*", "cloudfront:CreateInvalidation"]

$transform(sst.aws.Function, (args, _, name) => {
  args.runtime = "nodejs22.x"
  args.architecture = "arm64"
  args.logging = { retention: "1 month" }
  // `sst dev` runs functions from their sources; the dashboard's server is packed with the dashboard.
  if (!$dev && !args.bundle) {
    const made = $util.output(args.handler).apply(packed)
    args.bundle = made.bundle
    args.handler = made.handler
  }
  args.permissions = $util
    .output(args.permissions)
    .apply((list) => (list ?? []).filter((item) => !item.actions.some((action) => needless.includes(action))))
  const { role } = args.transform ?? {}
  const group = `/${$app.name}/${$app.stage}/${name}`
  args.transform = {
    ...args.transform,
    logGroup: { name: group },
    role(given, opts, roleName) {
      if (typeof role === "function") role(given, opts, roleName)
      // SST 3.19.3 tests `!dev` on an Output, which is always false: deployed roles would trust the whole account.
      if (!$dev) given.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" })
      // The managed policy for logs covers every log group there is.
      given.managedPolicyArns = []
      given.inlinePolicies = $util
        .all([given.inlinePolicies ?? [], logs(group)])
        .apply(([list, policy]) => [...list, { name: "logs", policy }])
      return undefined
    },
  }
})

$transform(aws.iam.Role, (args) => {
  // Names are cut to IAM's length, so it is the path by which a policy tells our roles.
  args.path = rolePath
  args.permissionsBoundary ??= Config.use().boundary
})

function logs(group: string) {
  return aws.iam.getPolicyDocumentOutput({
    statements: [
      { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [arn("logs", `log-group:${group}:*`)] },
    ],
  }).json
}
