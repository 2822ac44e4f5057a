import { region } from "./arn.ts"
import { api } from "./api.ts"
import { Config } from "./config.ts"
import { deliver } from "./deliver.ts"
import { launcher } from "./launcher.ts"
import { dead, queue } from "./queue.ts"
import { realtime } from "./realtime.ts"
import { sweeper } from "./schedule.ts"
import { slack } from "./slack.ts"
import { isProduction } from "./stage.ts"
import { trigger } from "./trigger.ts"
import { web } from "./web.ts"

/** What somebody should look at, by e-mail to `ALARM_EMAIL`. */

const { alarmEmail } = Config.use()

if (launcher && sweeper) watch(launcher, sweeper)

function watch({ subscriber }: NonNullable<typeof launcher>, { nodes }: NonNullable<typeof sweeper>) {
  const topic = new aws.sns.Topic("Alarms", {})
  if (alarmEmail)
    new aws.sns.TopicSubscription("AlarmsMail", { topic: topic.arn, protocol: "email", endpoint: alarmEmail })

  const { server } = web.nodes
  const functions = {
    api: api.name,
    ...(server && { web: server.apply((item) => item.name) }),
    authoriser: realtime.nodes.authHandler.apply((handler) => handler.name),
    launcher: subscriber.apply((item) => item.nodes.function.name),
    sweeper: nodes.function.name,
    ...(trigger && { trigger: trigger.function.name }),
    ...(slack && { slackQueue: slack.subscriber.apply((item) => item.nodes.function.name) }),
    ...(slack?.door && { slack: slack.door.name }),
    deliver: deliver.subscriber.apply((item) => item.nodes.function.name),
  }
  const errors = Object.entries(functions).map(([id, name]) => ({ id, name }))

  const alarm = (name: string, args: Omit<aws.cloudwatch.MetricAlarmArgs, "alarmActions" | "okActions">) =>
    new aws.cloudwatch.MetricAlarm(name, { ...args, alarmActions: [topic.arn], okActions: [topic.arn] })

  const letters = (name: string, queue: sst.aws.Queue, what: string) =>
    alarm(name, {
      alarmDescription: `${what} See docs/operations.md, Read logs.`,
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: queue.nodes.queue.name },
      statistic: "Maximum",
      ...every(300, 1, "GreaterThanOrEqualToThreshold", 1),
    })
  letters("DeadLetters", dead, "The launcher gave up on a session.")
  if (trigger) letters("TriggerDeadLetters", trigger.dead, "A trigger's time could not be fired.")
  if (slack) letters("SlackDeadLetters", slack.dead, "Something that was said in Slack could not be worked on.")
  letters("DeliverDeadLetters", deliver.dead, "What happened in a session could not be brought to browsers or Slack.")
  alarm("Stuck", {
    alarmDescription: "A session has waited for the launcher for ten minutes.",
    namespace: "AWS/SQS",
    metricName: "ApproximateAgeOfOldestMessage",
    dimensions: { QueueName: queue.nodes.queue.name },
    statistic: "Maximum",
    ...every(300, 2, "GreaterThanThreshold", 600),
  })
  alarm("Errors", {
    alarmDescription: "Functions failed. See docs/operations.md, Read logs.",
    metricQueries: [
      { id: "total", expression: `SUM([${errors.map(({ id }) => id).join(",")}])`, label: "Errors", returnData: true },
      ...errors.map(({ id, name }) => ({
        id,
        metric: {
          namespace: "AWS/Lambda",
          metricName: "Errors",
          dimensions: { FunctionName: name },
          period: 300,
          stat: "Sum",
        },
      })),
    ],
    ...judged(2, "GreaterThanThreshold", 5),
  })
  alarm("SweeperSilent", {
    alarmDescription: "The sweeper has not run for ten minutes: lost workers are not found.",
    namespace: "AWS/Lambda",
    metricName: "Invocations",
    dimensions: { FunctionName: functions.sweeper },
    statistic: "Sum",
    ...every(300, 2, "LessThanThreshold", 1),
    treatMissingData: "breaching",
  })
  if (!Config.use().worker.imageID) imageFailed(nodes.function, alarm)
  // Three of them are free in an account.
  if (isProduction) dashboard(functions)
}

/** The sweeper says so again and again, as long as it is so. */
function imageFailed(
  sweeper: $util.Output<sst.aws.Function>,
  alarm: (name: string, args: aws.cloudwatch.MetricAlarmArgs) => unknown,
) {
  const metric = { namespace: `${$app.name}/${$app.stage}`, name: "ImageFailed" }
  new aws.cloudwatch.LogMetricFilter("ImageFailedLines", {
    logGroupName: sweeper.apply((item) => item.nodes.logGroup).apply((group) => $util.output(group?.name ?? "")),
    pattern: `{ $.code = "image.failed" }`,
    metricTransformation: { ...metric, value: "1" },
  })
  alarm("ImageFailed", {
    alarmDescription: "There is no image of the present recipe: machines install themselves. See docs/operations.md.",
    namespace: metric.namespace,
    metricName: metric.name,
    statistic: "Sum",
    ...every(1_800, 1, "GreaterThanOrEqualToThreshold", 1),
  })
}

function every(period: number, times: number, comparisonOperator: string, threshold: number) {
  return { period, ...judged(times, comparisonOperator, threshold) }
}

function judged(evaluationPeriods: number, comparisonOperator: string, threshold: number) {
  return { evaluationPeriods, comparisonOperator, threshold, treatMissingData: "notBreaching" }
}

function dashboard(functions: Record<string, $util.Output<string>>) {
  const each = (metric: string, stat: string) => ({
    title: metric,
    view: "timeSeries",
    region,
    stat,
    period: 300,
    metrics: Object.entries(functions).map(([label, name]) => ["AWS/Lambda", metric, "FunctionName", name, { label }]),
  })
  const letters = {
    title: "Launcher queue",
    view: "timeSeries",
    region,
    stat: "Maximum",
    period: 300,
    metrics: [
      ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue.nodes.queue.name, { label: "oldest, s" }],
      ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", dead.nodes.queue.name, { label: "dead" }],
    ],
  }
  const panels = [each("Invocations", "Sum"), each("Errors", "Sum"), each("Duration", "p95"), letters]
  new aws.cloudwatch.Dashboard("Dashboard", {
    dashboardName: `${$app.name}-${$app.stage}`,
    dashboardBody: $jsonStringify({
      widgets: panels.map((properties, index) => ({
        type: "metric",
        x: (index % 2) * 12,
        y: Math.floor(index / 2) * 6,
        width: 12,
        height: 6,
        properties,
      })),
    }),
  })
}
