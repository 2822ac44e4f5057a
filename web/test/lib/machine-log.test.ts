import { expect, test } from "vitest"
import { machineLogURL } from "../../src/lib/machine-log.ts"

test("a machine's log is addressed as CloudWatch's console has it", () => {
  const group =
    "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Fx"
  expect(machineLogURL(group, { id: "ses_01", generation: 2 })).toBe(`${group}/log-events/ses_01$252F2`)
})
