import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { clock } from "../../src/clock.ts"
import { parse } from "../../src/config.ts"
import { equip } from "../../src/equip.ts"
import * as Cloud from "./cloud.ts"

const base = { REMOTE_SWE_API_URL: "http://127.0.0.1:1/api/v1", REMOTE_SWE_WORKER_DIR: "/worker" }
const token = { REMOTE_SWE_SESSION_TOKEN: "swe_w_ses_x_secret" }
const machine = { REMOTE_SWE_SESSION_ID: "ses_x", REMOTE_SWE_GENERATION: "3", AWS_REGION: "us-east-1" }

describe("the environment", () => {
  it("hands the worker its token", () => {
    expect(parse({ ...base, ...token }).access).toMatchObject({ type: "token", token: "swe_w_ses_x_secret" })
    expect(parse({ ...base, ...machine, ...token }).access.type).toBe("token")
  })

  it("or says what its machine can prove", () => {
    const access = { type: "machine", sessionID: "ses_x", generation: 3, region: "us-east-1" }
    expect(parse({ ...base, ...machine }).access).toEqual(access)
  })

  it("names the sockets where a machine starts and ends what commands run in", () => {
    const sockets = { REMOTE_SWE_SANDBOX_SOCKET: "/run/host.sock", REMOTE_SWE_SANDBOX_STOP_SOCKET: "/run/stop.sock" }
    expect(parse({ ...base, ...token, ...sockets }).sockets).toEqual({ host: "/run/host.sock", stop: "/run/stop.sock" })
    expect(parse({ ...base, ...token }).sockets).toBeUndefined()
  })

  it.each([
    ["REMOTE_SWE_SANDBOX_STOP_SOCKET", { ...token, REMOTE_SWE_SANDBOX_SOCKET: "/run/host.sock" }],
    ["REMOTE_SWE_SESSION_TOKEN", {}],
    ["REMOTE_SWE_SESSION_TOKEN", { REMOTE_SWE_SESSION_TOKEN: "secret" }],
    ["REMOTE_SWE_GENERATION", { ...machine, REMOTE_SWE_GENERATION: "first" }],
    ["REMOTE_SWE_GENERATION", { ...machine, REMOTE_SWE_GENERATION: "0" }],
    ["AWS_REGION", { ...machine, AWS_REGION: undefined }],
    ["REMOTE_SWE_API_URL", { ...token, REMOTE_SWE_API_URL: "here" }],
  ])("names %s when it is not right", (name, environment) => {
    expect(() => parse({ ...base, ...environment })).toThrow(`The environment variable ${name} is not right`)
    expect(() => parse({ ...base, ...environment })).not.toThrow("secret")
  })
})

describe("the model's key", () => {
  let cloud: Cloud.Cloud
  beforeAll(async () => {
    process.env["SST_RESOURCE_AnthropicApiKey"] = JSON.stringify({ value: "of the deployment" })
    cloud = await Cloud.start()
  })
  afterAll(() => cloud.close())

  const start = async (environment: Record<string, string> = {}) => {
    const { id } = await cloud.create({ message: "Hi" })
    const given = parse({
      ...base,
      REMOTE_SWE_API_URL: cloud.url,
      REMOTE_SWE_SESSION_TOKEN: await cloud.token(id),
      ...environment,
    })
    return equip(given, clock, new AbortController().signal)
  }

  it("comes from the API where the environment has none", async () => {
    expect((await start()).anthropic).toEqual({ apiKey: "of the deployment", baseURL: undefined })
  })

  it("is the environment's where it has one, or a server of its own", async () => {
    expect((await start({ ANTHROPIC_API_KEY: "mine" })).anthropic.apiKey).toBe("mine")
    const url = "http://127.0.0.1:2"
    expect((await start({ ANTHROPIC_BASE_URL: url })).anthropic).toEqual({ apiKey: undefined, baseURL: url })
  })
})
