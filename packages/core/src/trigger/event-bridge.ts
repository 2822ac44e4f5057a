import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  ConflictException,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler"
import { Resource } from "sst"
import { Schedule } from "../schedule/index.ts"
import type { Provider, Timer } from "./provider.ts"
import type { Ring } from "./schema.ts"

/** A run that could not be handed over in so long is given up, and goes to the dead letters. */
const giveUpSeconds = 3_600

/** Timers in EventBridge Scheduler: one schedule for each trigger, in the group of this stage. */
export function create(): Provider {
  const client = new SchedulerClient()
  const { groupName } = Resource.Scheduler
  return {
    async set(timer) {
      const request = requestOf(timer)
      await client.send(new UpdateScheduleCommand(request)).catch(async (error: unknown) => {
        if (!(error instanceof ResourceNotFoundException)) throw error
        await client.send(new CreateScheduleCommand(request)).catch(async (error: unknown) => {
          // Somebody else made it in between.
          if (!(error instanceof ConflictException)) throw error
          await client.send(new UpdateScheduleCommand(request))
        })
      })
    },
    async unset(id) {
      await client.send(new DeleteScheduleCommand({ GroupName: groupName, Name: id })).catch((error: unknown) => {
        if (!(error instanceof ResourceNotFoundException)) throw error
      })
    },
  }
}

function requestOf({ id, revision, schedule, next }: Timer): CreateScheduleCommandInput {
  const { expression, timezone } = Schedule.expression(schedule)
  const { groupName, roleARN, targetARN, deadLetterARN } = Resource.Scheduler
  const once = schedule.type === "once"
  return {
    GroupName: groupName,
    Name: id,
    ScheduleExpression: expression,
    ScheduleExpressionTimezone: timezone,
    // A rate counts from here.
    ...(schedule.type === "rate" && { StartDate: new Date(next) }),
    FlexibleTimeWindow: { Mode: "OFF" },
    State: "ENABLED",
    ActionAfterCompletion: once ? "DELETE" : "NONE",
    Target: {
      Arn: targetARN,
      RoleArn: roleARN,
      Input: input({ triggerID: id, revision }),
      DeadLetterConfig: { Arn: deadLetterARN },
      RetryPolicy: { MaximumEventAgeInSeconds: giveUpSeconds, MaximumRetryAttempts: 10 },
    },
  }
}

/** Scheduler fills in the time that it was set to, which is the same for every delivery of one run. */
const input = (ring: Omit<Ring, "at">) => JSON.stringify({ ...ring, at: "<aws.scheduler.scheduled-time>" })
