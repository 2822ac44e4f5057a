import {
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  ListSchedulesCommand,
  ResourceNotFoundException,
  SchedulerClient,
} from "@aws-sdk/client-scheduler"
import { Trigger } from "@remote-swe/core/trigger"
import { handler } from "@remote-swe/functions/trigger"
import { Resource } from "sst"
import { afterEach, expect, test } from "vitest"
import { stand } from "./links.ts"
import { as, info, owner } from "./util.ts"

const client = new SchedulerClient()
const GroupName = Resource.Scheduler.groupName
const day = 86_400_000
const action = { type: "session", message: "Look again" } as const
const nightly = { type: "cron", cron: "30 3 * * mon-fri", timezone: "Europe/Berlin" } as const

afterEach(() => stand.edge.refuse(() => undefined))

const create = (schedule: Parameters<typeof Trigger.create>[0]["schedule"]) =>
  as(owner, () => Trigger.create({ name: "Nightly", schedule, action }))
const update = (input: Parameters<typeof Trigger.update>[0]) => as(owner, () => Trigger.update(input))
const get = (id: string) => as(owner, () => Trigger.fromID(id))
const sweep = () => as({ type: "system" }, () => Trigger.sweep())

/** What EventBridge has; undefined where it has nothing. */
const scheduled = (Name: string) =>
  client.send(new GetScheduleCommand({ GroupName, Name })).catch((error: unknown) => {
    if (error instanceof ResourceNotFoundException) return undefined
    throw error
  })

/** Calls the function as EventBridge does when the time has come. */
const ring = (schedule: GetScheduleCommandOutput | undefined, at: number) =>
  handler(
    JSON.parse(String(schedule?.Target?.Input).replace("<aws.scheduler.scheduled-time>", new Date(at).toISOString())),
  )

test("a trigger has a schedule in the stage's group, which calls its function with its role and gives up at last", async () => {
  const { id } = await create(nightly)
  expect(await scheduled(id)).toMatchObject({
    GroupName,
    ScheduleExpression: "cron(30 3 ? * 2-6 *)",
    ScheduleExpressionTimezone: "Europe/Berlin",
    FlexibleTimeWindow: { Mode: "OFF" },
    State: "ENABLED",
    Target: {
      Arn: Resource.Scheduler.targetARN,
      RoleArn: Resource.Scheduler.roleARN,
      DeadLetterConfig: { Arn: Resource.Scheduler.deadLetterARN },
      RetryPolicy: { MaximumEventAgeInSeconds: 3_600, MaximumRetryAttempts: 10 },
    },
  })
})

test("when the schedule rings, a session starts, once for one time", async () => {
  const { id, state } = await create(nightly)
  const schedule = await scheduled(id)
  const at = state.type === "active" ? state.next : 0
  await Promise.all([ring(schedule, at), ring(schedule, at)])
  await ring(schedule, at)
  const { last } = await get(id)
  expect(last).toMatchObject({ type: "started" })
  expect(await info(last?.type === "started" ? last.sessionID : "")).toMatchObject({ title: "Nightly", head: 1 })
})

test("a rate begins where the table says, and once removes itself", async () => {
  const rate = await create({ type: "rate", every: 6, unit: "hours" })
  const at = rate.state.type === "active" ? rate.state.next : 0
  const first = await scheduled(rate.id)
  expect(first).toMatchObject({ ScheduleExpression: "rate(6 hours)" })
  expect(first?.StartDate?.getTime()).toBe(at)
  const moment = Date.UTC(2040, 0, 1, 10, 0, 5)
  const once = await create({ type: "once", at: moment + 300 })
  expect(await scheduled(once.id)).toMatchObject({
    ScheduleExpression: "at(2040-01-01T10:00:05)",
    ScheduleExpressionTimezone: "UTC",
    ActionAfterCompletion: "DELETE",
  })
  await ring(await scheduled(once.id), moment)
  expect(await get(once.id)).toMatchObject({ state: { type: "done" }, last: { type: "started" } })
})

test("the schedule follows: changed, paused, started again, removed", async () => {
  const { id } = await create(nightly)
  const before = await scheduled(id)
  await update({ id, schedule: { type: "rate", every: 2, unit: "days" } })
  const changed = await scheduled(id)
  expect(changed).toMatchObject({ ScheduleExpression: "rate(2 days)" })
  await ring(before, Date.now() + day)
  expect((await get(id)).last).toBeUndefined()
  await update({ id, enabled: false })
  expect(await scheduled(id)).toBeUndefined()
  await update({ id, enabled: true })
  expect(await scheduled(id)).toMatchObject({ State: "ENABLED" })
  await as(owner, () => Trigger.remove(id))
  expect(await scheduled(id)).toBeUndefined()
  await ring(changed, Date.now() + day)
})

test("while EventBridge does not answer triggers are stored, and the sweeper brings it up to date", async () => {
  const kept = await create(nightly)
  const removed = await create(nightly)
  stand.edge.refuse(() => "ServiceUnavailable")
  const fresh = await create(nightly)
  await update({ id: kept.id, schedule: { ...nightly, cron: "0 4 * * *" } })
  await as(owner, () => Trigger.remove(removed.id))
  await expect(sweep()).rejects.toThrow(fresh.id)
  stand.edge.refuse(() => undefined)
  expect(await scheduled(fresh.id)).toBeUndefined()
  await sweep()
  expect(await scheduled(fresh.id)).toMatchObject({ ScheduleExpression: "cron(30 3 ? * 2-6 *)" })
  expect(await scheduled(kept.id)).toMatchObject({ ScheduleExpression: "cron(0 4 * * ? *)" })
  expect(await scheduled(removed.id)).toBeUndefined()
  await sweep()
})

test("what EventBridge rings for and nobody knows is taken away", async () => {
  const { id } = await create(nightly)
  const schedule = await scheduled(id)
  stand.edge.refuse(() => "ServiceUnavailable")
  await as(owner, () => Trigger.remove(id))
  stand.edge.refuse(() => undefined)
  // As if the sweeper had been there, and the schedule had come back from a slow request.
  await ring(schedule, Date.now() + day)
  expect(await scheduled(id)).toBeUndefined()
  const { Schedules = [] } = await client.send(new ListSchedulesCommand({ GroupName, NamePrefix: id }))
  expect(Schedules).toEqual([])
})
