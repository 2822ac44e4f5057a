import { createHmac } from "node:crypto"
import { Identifier } from "@remote-swe/core/identifier"
import { Realtime } from "@remote-swe/core/realtime"
import { expect, test, vi } from "vitest"
import { handler } from "../../src/realtime/authorizer.ts"

const worker = { type: "worker", sessionID: Identifier.create("session"), generation: 2 } as const

/** Asks as IoT does. */
async function ask(token: string) {
  type Ask = (
    event: object,
    context: object,
  ) => Promise<{
    isAuthenticated: boolean
    principalId: string
    disconnectAfterInSeconds: number
    refreshAfterInSeconds: number
    policyDocuments: { Statement: { Action: string; Effect: string; Resource: string | string[] }[] }[]
  }>
  const password = Buffer.from(token).toString("base64")
  return (handler as unknown as Ask)(
    { protocolData: { mqtt: { password, username: "", clientId: "c" } } },
    { invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:authorizer" },
  )
}

const allowed = (answer: Awaited<ReturnType<typeof ask>>, action: string) =>
  answer.policyDocuments.flatMap(({ Statement }) =>
    Statement.filter((item) => item.Action === action && item.Effect === "Allow").flatMap((item) => item.Resource),
  )

test("a token opens its topics and no others", async () => {
  const { token } = await Realtime.token(worker, { subscribe: ["a/inbox"], publish: ["a/delta"] })
  const answer = await ask(token)
  expect(answer.isAuthenticated).toBe(true)
  expect(answer.principalId).toMatch(/^[a-z0-9]{1,128}$/i)
  const arn = "arn:aws:iot:eu-west-1:123456789012"
  expect(allowed(answer, "iot:Subscribe")).toEqual([`${arn}:topicfilter/a/inbox`])
  expect(allowed(answer, "iot:Receive")).toEqual([`${arn}:topic/a/inbox`])
  expect(allowed(answer, "iot:Publish")).toEqual([`${arn}:topic/a/delta`])
  expect(answer.disconnectAfterInSeconds).toBeGreaterThanOrEqual(300)
  expect(answer.disconnectAfterInSeconds).toBeLessThanOrEqual(Realtime.tokenMs / 1000)
})

test("a token that only listens has no empty statement", async () => {
  const { token } = await Realtime.token(
    { type: "user", userID: "u", name: "Ada" },
    { subscribe: ["a/*"], publish: [] },
  )
  const answer = await ask(token)
  expect(allowed(answer, "iot:Publish")).toEqual([])
  for (const { Statement } of answer.policyDocuments)
    for (const { Resource } of Statement) expect(Resource.length).toBeGreaterThan(0)
})

test("no token but ours opens anything", async () => {
  const { token } = await Realtime.token(worker, { subscribe: ["a"], publish: [] })
  const claims = { subscribe: ["#"], publish: ["#"] }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
  const sign = (key: string, iss: string) => {
    const text = `${part({ alg: "HS256" })}.${part({ ...claims, iss, exp: 4e9 })}`
    return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`
  }
  expect(await ask(sign("a key that only tests use", "remote-swe/test"))).toMatchObject({ isAuthenticated: true })
  for (const wrong of [
    "",
    "x",
    token.slice(0, -2),
    `${part({ alg: "none" })}.${part({ ...claims, iss: "remote-swe/test", exp: 4e9 })}.`,
    sign("another key, just as long", "remote-swe/test"),
    sign("a key that only tests use", "remote-swe/production"),
  ])
    await expect(ask(wrong), wrong).rejects.toMatchObject({ code: "realtime.token" })
})

test("a token ends", async () => {
  const past = vi.spyOn(Date, "now").mockReturnValue(Date.now() - Realtime.tokenMs - 1_000)
  const { token } = await Realtime.token(worker, { subscribe: ["a"], publish: [] })
  past.mockRestore()
  await expect(ask(token)).rejects.toMatchObject({ code: "realtime.token" })
})
