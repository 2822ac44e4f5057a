import { type Mutation, add, also, drop, everyone, never, put, unconditional, widen } from "./make.ts"

/** Triggers. */
export const trigger: Mutation[] = [
  also(
    "SchedulerRole",
    "lambda:InvokeFunction",
    "arn:aws:lambda:us-east-1:123456789012:function:remote-swe-production-api",
  ),
  also("LauncherQueueSubscriber", "scheduler:CreateSchedule", "arn:aws:scheduler:us-east-1:123456789012:schedule/*/*"),
  widen("SchedulerRole", "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:*"),
  widen("SchedulerRole", "sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:*"),
  widen("Api", "scheduler:CreateSchedule", "arn:aws:scheduler:us-east-1:123456789012:schedule/*/*"),
  widen("TriggerRole", "scheduler:CreateSchedule", "arn:aws:scheduler:us-east-1:123456789012:schedule/*/*"),
  widen("WebServer", "iam:PassRole", "arn:aws:iam::123456789012:role/*"),
  unconditional("Api", "iam:PassRole", "StringEquals"),
  never("SweeperHandler", "scheduler:UpdateSchedule"),
  never("TriggerRole", "scheduler:DeleteSchedule"),
  never("TriggerRole", "sqs:SendMessage"),
  never("SchedulerRole", "lambda:InvokeFunction"),
  put("production", "SchedulerRole", "assumeRolePolicy", {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "scheduler.amazonaws.com" } }],
  }),
  put("small", "SchedulerRole", "assumeRolePolicy", everyone),
  put("production", "TriggerGroup", "name", "remote-swe"),
  put("production", "TriggerFunction", "timeout", 60),
  put("production", "TriggerRetries", "maximumRetryAttempts", 0),
  put("production", "TriggerRetries", "destinationConfig", undefined),
  put("production", "TriggerDeadQueue", "messageRetentionSeconds", 60),
  put("production", "TriggerDeadQueue", "sqsManagedSseEnabled", false),
  drop("small", "TriggerDeadLetters"),
  add("dev", "aws:scheduler/scheduleGroup:ScheduleGroup", "TriggerGroup"),
]
