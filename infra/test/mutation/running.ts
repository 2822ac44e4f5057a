import { type Mutation, drop, one, put, set } from "./make.ts"

/** Running it. */
export const running: Mutation[] = [
  { name: "small: an error", make: (s) => void s.small.errors.push("An error") },
  put("production", "ApiFunction", "runtime", "nodejs20.x"),
  put("production", "ApiFunction", "architectures", ["x86_64"]),
  put("production", "ApiLogGroup", "retentionInDays", 0),
  put("production", "SweeperHandlerLogGroup", "name", "/remote-swe/production/Api"),
  put("production", "LauncherQueueQueue", "visibilityTimeoutSeconds", 30),
  put("production", "SweeperRule", "scheduleExpression", "rate(1 day)"),
  {
    name: "production: the launcher answers for whole batches",
    make: (s) =>
      void set(one(s, "aws:lambda/eventSourceMapping:EventSourceMapping").inputs, ["functionResponseTypes"], []),
  },
  drop("production", "DeadLetters"),
  put("production", "DeadLetters", "alarmActions", []),
  put("production", "DeadLetters", "dimensions", { QueueName: "another" }),
  put("production", "SweeperSilent", "treatMissingData", "notBreaching"),
  put("production", "Errors", "metricQueries", []),
  put("production", "AlarmsMail", "endpoint", "nobody@example.com"),
  {
    name: "production: the API without the table",
    make: (s) => void s.production.functions.find((item) => item.id === "Api")?.links.splice(0, 1),
  },
  {
    name: "elsewhere: a person's token beside the app",
    make: (s) => void s.elsewhere.functions.find((item) => item.id === "Api")?.links.push("GithubToken"),
  },
  {
    name: "elsewhere: the dashboard has the app's key",
    make: (s) =>
      void s.elsewhere.functions.find((item) => item.id.startsWith("Web"))?.links.push("GithubAppPrivateKey"),
  },
  {
    name: "production: the authoriser with the table",
    make: (s) => void s.production.functions.find((item) => item.id.startsWith("Realtime"))?.links.push("Table"),
  },
]
