import { account } from "../harness/aws.ts"
import { deployed } from "../scenes.ts"
import { type Check, list, of, one, roleOf, statementsOf } from "./see.ts"

export const trigger: Check[] = [
  {
    name: "each stage has a group of schedules, which the function of triggers is all that they can call",
    run(scenes, see) {
      for (const scene of deployed) {
        const result = scenes[scene]
        const region = scene === "elsewhere" ? "eu-west-1" : "us-east-1"
        const stage = `remote-swe-${{ production: "production", small: "ann", elsewhere: "staging" }[scene]}`
        see.same(one(result, "TriggerGroup").inputs["name"], stage, `${scene}: the group`)
        see.same(one(result, "TriggerFunction").inputs["name"], `${stage}-trigger`, `${scene}: the function`)
        const link = result.links["Scheduler"]
        see.has(
          link,
          {
            groupName: stage,
            roleARN: `arn:aws:iam::${account}:role/remote-swe/SchedulerRole`,
            targetARN: `arn:aws:lambda:${region}:${account}:function:${stage}-trigger`,
          },
          `${scene}: what core is told`,
        )
        see.holds(String(link?.["deadLetterARN"]).includes("TriggerDead"), `${scene}: dead letters of schedules`)
      }
      const inDev = scenes.dev.resources.filter((item) => /^(Trigger|Scheduler)/.test(item.name))
      see.same(inDev, [], "dev: a pane looks at the clock")
    },
  },
  {
    name: "the schedules' role is taken for this account's group alone",
    run(scenes, see) {
      for (const scene of deployed) {
        const result = scenes[scene]
        const region = scene === "elsewhere" ? "eu-west-1" : "us-east-1"
        const [trust] = statementsOf(roleOf(result, "SchedulerRole").inputs["assumeRolePolicy"])
        const group = String(one(result, "TriggerGroup").inputs["name"])
        see.same(
          trust?.Condition,
          {
            StringEquals: { "aws:SourceAccount": [account] },
            ArnEquals: { "aws:SourceArn": [`arn:aws:scheduler:${region}:${account}:schedule-group/${group}`] },
          },
          scene,
        )
      }
    },
  },
  {
    name: "a time that could not be fired is tried three times within the hour, and kept for two weeks",
    run(scenes, see) {
      for (const scene of deployed) {
        const result = scenes[scene]
        const [retries] = of(result, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")
        see.has(retries?.inputs, { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 3_600 }, scene)
        see.holds(
          JSON.stringify(retries?.inputs["destinationConfig"]).includes("TriggerDead"),
          `${scene}: dead letters`,
        )
        see.same(one(result, "TriggerDeadQueue").inputs["messageRetentionSeconds"], 1_209_600, `${scene}: kept`)
        // Less than the lease of core's claim, which is 45 s.
        see.holds(Number(one(result, "TriggerFunction").inputs["timeout"]) < 45, `${scene}: the function's time`)
        const alarm = one(result, "TriggerDeadLetters").inputs
        see.holds(JSON.stringify(alarm["dimensions"]).includes("TriggerDead"), `${scene}: what the alarm watches`)
        see.same(list(alarm["alarmActions"]).length, 1, `${scene}: who is told`)
      }
    },
  },
]
