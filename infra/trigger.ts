import { accountId, arn } from "./arn.ts"
import { permission } from "./permission.ts"
import { queue } from "./queue.ts"
import { realtime } from "./realtime.ts"
import { settings } from "./settings.ts"
import { bucket, table } from "./storage.ts"

/**
 * What rings at the times of triggers: one schedule for each, made by core in a group of this stage, which is
 * removed with all that is in it. In `sst dev` there is none: the pane of dev.ts looks at the clock.
 */

export const trigger = $dev ? undefined : create()

function create() {
  const name = `${$app.name}-${$app.stage}`
  // By its name, since the function has to know it as well.
  const functionName = `${name}-trigger`
  const target = arn("lambda", `function:${functionName}`)

  /** Takes the times that could not be fired, again and again. An alarm tells of it. */
  const dead = new sst.aws.Queue("TriggerDead", {
    transform: { queue: { messageRetentionSeconds: 14 * 86_400, sqsManagedSseEnabled: true } },
  })
  const group = new aws.scheduler.ScheduleGroup("TriggerGroup", { name })
  const role = new aws.iam.Role("SchedulerRole", {
    description: "Remote SWE schedules: call the function of triggers",
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["sts:AssumeRole"],
          principals: [{ type: "Service", identifiers: ["scheduler.amazonaws.com"] }],
          conditions: [
            { test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] },
            { test: "ArnEquals", variable: "aws:SourceArn", values: [group.arn] },
          ],
        },
      ],
    }).json,
    inlinePolicies: [
      {
        name: "scheduler",
        policy: aws.iam.getPolicyDocumentOutput({
          statements: [
            { actions: ["lambda:InvokeFunction"], resources: [target] },
            { actions: ["sqs:SendMessage"], resources: [dead.arn] },
          ],
        }).json,
      },
    ],
  })

  const scheduler = new sst.Linkable("Scheduler", {
    properties: { groupName: group.name, roleARN: role.arn, targetARN: target, deadLetterARN: dead.arn },
  })
  /** Keeps the schedules of this stage, which can call that one function as that one role. */
  const keeping = [
    {
      actions: ["scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"],
      resources: [arn("scheduler", $interpolate`schedule/${group.name}/*`)],
    },
    {
      actions: ["iam:PassRole"],
      resources: [role.arn],
      conditions: [{ test: "StringEquals", variable: "iam:PassedToService", values: ["scheduler.amazonaws.com"] }],
    },
  ]

  const fn = new sst.aws.Function("Trigger", {
    name: functionName,
    handler: "packages/functions/src/trigger/handler.handler",
    // Less than core's lease, so that a second try finds the first one over.
    timeout: "30 seconds",
    memory: "512 MB",
    link: [table, bucket, queue, realtime, settings, scheduler],
    permissions: [
      ...permission.readAndWrite,
      ...permission.announce,
      ...permission.wake,
      ...keeping,
      { actions: ["sqs:SendMessage"], resources: [dead.arn] },
    ],
  })
  // Scheduler hands over and goes: it is Lambda that tries again.
  new aws.lambda.FunctionEventInvokeConfig("TriggerRetries", {
    functionName: fn.name,
    maximumRetryAttempts: 2,
    maximumEventAgeInSeconds: 3_600,
    destinationConfig: { onFailure: { destination: dead.arn } },
  })
  return { dead, function: fn, scheduler, keeping }
}
