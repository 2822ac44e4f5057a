import { deployed } from "../scenes.ts"
import { type Check, list, of, one } from "./see.ts"

export const operation: Check[] = [
  {
    name: "the program evaluates without an error in every scene",
    run(scenes, see) {
      for (const [scene, result] of Object.entries(scenes)) see.same(result.errors, [], scene)
    },
  },
  {
    name: "functions run on Node 22 on Arm",
    run(scenes, see) {
      for (const scene of deployed)
        for (const item of of(scenes[scene], "aws:lambda/function:Function"))
          see.has(item.inputs, { runtime: "nodejs22.x", architectures: ["arm64"] }, `${scene}: ${item.name}`)
    },
  },
  {
    name: "logs end after a month, and each function has its own",
    run(scenes, see) {
      for (const [scene, result] of Object.entries(scenes)) {
        const groups = of(result, "aws:cloudwatch/logGroup:LogGroup")
        const names = groups.map((item) => String(item.inputs["name"]))
        see.same(new Set(names).size, names.length, `${scene}: names`)
        for (const group of groups) {
          see.same(group.inputs["retentionInDays"], 30, `${scene}: ${group.name}`)
          // Image Builder looks for its own by the image's name.
          const place =
            group.name === "WorkerImageLogs" ? /^\/aws\/imagebuilder\/remote-swe-worker-/ : /^\/remote-swe\/\w+\/\w+$/
          see.holds(place.test(String(group.inputs["name"])), `${scene}: ${group.name}`)
        }
        for (const item of of(result, "aws:lambda/function:Function"))
          see.holds(
            names.includes(String((item.inputs["loggingConfig"] as { logGroup: string }).logGroup)),
            `${scene}: ${item.name}`,
          )
      }
    },
  },
  {
    name: "the launcher takes from its queue, answers for each message, and has time for it",
    run(scenes, see) {
      for (const scene of deployed) {
        const result = scenes[scene]
        const mapping = of(result, "aws:lambda/eventSourceMapping:EventSourceMapping").find((item) =>
          item.name.startsWith("LauncherQueue"),
        )
        see.has(
          mapping?.inputs,
          {
            functionResponseTypes: ["ReportBatchItemFailures"],
            batchSize: 5,
            scalingConfig: { maximumConcurrency: 10 },
          },
          scene,
        )
        const fn = of(result, "aws:lambda/function:Function").find((item) => item.name.startsWith("LauncherQueue"))
        see.holds(
          Number(one(result, "LauncherQueueQueue").inputs["visibilityTimeoutSeconds"]) >=
            6 * Number(fn?.inputs["timeout"]),
          `${scene}: a message comes back before the launcher's time is over`,
        )
      }
    },
  },
  {
    name: "the sweeper runs each minute",
    run(scenes, see) {
      for (const scene of deployed)
        see.has(one(scenes[scene], "SweeperRule").inputs, { scheduleExpression: "rate(1 minute)" }, scene)
    },
  },
  {
    name: "alarms tell of dead letters, stuck sessions, errors, and a silent sweeper",
    run(scenes, see) {
      for (const scene of deployed) {
        const result = scenes[scene]
        const topic = `arn:aws:sns:${scene === "elsewhere" ? "eu-west-1" : "us-east-1"}:123456789012:`
        const alarms = of(result, "aws:cloudwatch/metricAlarm:MetricAlarm")
        see.same(
          alarms.map((item) => item.name).sort(),
          scene === "production"
            ? [
                "DeadLetters",
                "DeliverDeadLetters",
                "Errors",
                "ImageFailed",
                "SlackDeadLetters",
                "Stuck",
                "SweeperSilent",
                "TriggerDeadLetters",
              ]
            : [
                ...["DeadLetters", "DeliverDeadLetters", "Errors"],
                // It takes an image that somebody else made.
                ...(scene === "elsewhere" ? [] : ["ImageFailed"]),
                ...["Stuck", "SweeperSilent", "TriggerDeadLetters"],
              ],
          `${scene}: alarms`,
        )
        for (const alarm of alarms)
          see.holds(
            String(list(alarm.inputs["alarmActions"])[0]).startsWith(topic),
            `${scene}: ${alarm.name} tells nobody`,
          )
        see.has(
          one(result, "DeadLetters").inputs,
          {
            metricName: "ApproximateNumberOfMessagesVisible",
            threshold: 1,
            comparisonOperator: "GreaterThanOrEqualToThreshold",
          },
          scene,
        )
        see.holds(
          JSON.stringify(one(result, "DeadLetters").inputs["dimensions"]).includes("LauncherDead"),
          `${scene}: dead letters of another queue`,
        )
        see.has(one(result, "SweeperSilent").inputs, { treatMissingData: "breaching", threshold: 1 }, scene)
        const queries = list(one(result, "Errors").inputs["metricQueries"]) as { metric?: object }[]
        see.same(
          queries.filter((item) => item.metric).length,
          scene === "production" ? 9 : 7,
          `${scene}: functions that are watched`,
        )
      }
      see.has(
        one(scenes.production, "AlarmsMail").inputs,
        { protocol: "email", endpoint: "alarm@example.com" },
        "Who is told",
      )
      see.same(of(scenes.small, "aws:cloudwatch/dashboard:Dashboard").length, 0, "small: no dashboard to pay for")
      see.same(of(scenes.production, "aws:cloudwatch/dashboard:Dashboard").length, 1, "production: a dashboard")
    },
  },
  {
    name: "parts find what they need by their links",
    run(scenes, see) {
      const shared = ["Bucket", "LauncherQueue", "Realtime", "Settings", "Table"]
      const machine = ["Worker", "WorkerImage", "WorkerProgram"]
      const wanted: Record<string, string[]> = {
        Api: [...shared, "AnthropicApiKey", "GithubToken", "RealtimeKey", "Scheduler", "WorkerIdentity"],
        WebServer: [...shared, "Auth", "CookieKey", "PushKey", "RealtimeKey", "Scheduler"],
        LauncherQueueSubscriber: [...shared, ...machine],
        SweeperHandler: [...shared, ...machine, "PushKey", "Scheduler", "SlackBotToken", "SlackSettings"],
        Remover: [],
        SlackQueueSubscriber: [...shared, "SlackBotToken", "SlackSettings"],
        TableSubscriberDeliver: [...shared, "PushKey", "SlackBotToken", "SlackSettings"],
        RealtimeAuthorizerHandler: ["RealtimeKey"],
        Trigger: [...shared, "Scheduler"],
        // What answers Slack within its three seconds knows no data.
        Slack: ["SlackQueue", "SlackSigningSecret"],
      }
      const { functions } = scenes.production
      see.same(functions.length, Object.keys(wanted).length, "Functions")
      for (const [name, links] of Object.entries(wanted)) {
        const built = functions.find((item) => item.id === name || (name !== "Slack" && item.id.startsWith(name)))
        see.same(built?.links.toSorted(), links.toSorted(), name)
      }
      see.same(scenes.small.links["GithubToken"], undefined, "small: no GitHub without its secret")
      const app = ["GithubAppID", "GithubAppPrivateKey", "GithubInstallationID"]
      for (const { id, links } of scenes.elsewhere.functions)
        see.same(
          links.filter((name) => name.startsWith("Github")).toSorted(),
          id === "Api" ? app : [],
          `elsewhere: ${id} is at GitHub as the app, and nobody else is there`,
        )
    },
  },
]
