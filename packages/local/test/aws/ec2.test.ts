import { DescribeInstanceAttributeCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2"
import { Identifier } from "@remote-swe/core/identifier"
import { Ec2 } from "@remote-swe/core/machine/ec2"
import { Resource } from "sst"
import { afterEach, expect, test } from "vitest"
import { stand } from "./links.ts"
import { ec2, machines, strange } from "./util.ts"

const provider = Ec2.create()
const token = "swe_w_a-secret-of-the-session"
const request = (generation = 1) => ({ sessionID: Identifier.create("session"), generation, token })
const claim = (machine: { sessionID: string; generation: number }) => ({ ...machine, since: Date.now() })

afterEach(() => {
  stand.edge.refuse(() => undefined)
  stand.edge.rewrite((body) => body)
})

/** Refuses the types, as EC2 does where it has none. */
const without = (code: string, ...types: string[]) =>
  stand.edge.refuse((params) => (types.includes(params.get("InstanceType") ?? "") ? code : undefined))

test("a machine is started from the stage's template, and carries stage, session and generation with its disk", async () => {
  const asked = request(3)
  const id = await provider.start(asked)
  const [machine] = await machines(asked.sessionID)
  expect(machine).toMatchObject({ id, type: "t3.large", subnet: Resource.Worker.subnetIDs[1] })
  const tags = [
    { Key: "sst:app", Value: "remote-swe" },
    { Key: "sst:stage", Value: stand.stage },
    { Key: "remote-swe:session", Value: asked.sessionID },
    { Key: "remote-swe:generation", Value: "3" },
  ]
  expect(machine?.tags).toEqual(expect.arrayContaining(tags))
  const Filters = [{ Name: "attachment.instance-id", Values: [String(id)] }]
  const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ Filters }))
  expect(Volumes).toHaveLength(1)
  expect(Volumes[0]?.Tags).toEqual(expect.arrayContaining(tags))
})

test("user data says where and for what, and nothing secret", async () => {
  const asked = request()
  const InstanceId = String(await provider.start(asked))
  const { UserData } = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: "userData" }))
  const script = Buffer.from(UserData?.Value ?? "", "base64").toString()
  const settings = script.split("\n").filter((line) => /^[A-Z_]+=/.test(line))
  expect(settings.toSorted()).toEqual([
    "AWS_REGION=us-east-1",
    `REMOTE_SWE_API_URL=${stand.apiURL}`,
    "REMOTE_SWE_GENERATION=1",
    `REMOTE_SWE_LOG_GROUP=/remote-swe/${stand.stage}/worker`,
    `REMOTE_SWE_SESSION_ID=${asked.sessionID}`,
  ])
  expect(script).not.toContain("swe_w_")
})

test("the same question gets the same machine, and another token makes no other question", async () => {
  const asked = request()
  const id = await provider.start(asked)
  expect(await provider.start({ ...asked, token: "swe_w_another" })).toBe(id)
  expect(await machines(asked.sessionID)).toHaveLength(1)
})

test("where EC2 has none of a type, the next type is asked for, in every zone", async () => {
  const asked = request()
  without("InsufficientInstanceCapacity", "t3.large")
  await provider.start(asked)
  expect(await machines(asked.sessionID)).toMatchObject([{ type: "t3a.large" }])
  const tried = stand.edge.calls("RunInstances").slice(-3)
  expect(tried.map(({ params, status }) => [params.get("InstanceType"), status])).toEqual([
    ["t3.large", 400],
    ["t3.large", 400],
    ["t3a.large", 200],
  ])
  expect(new Set(tried.slice(0, 2).map(({ params }) => params.get("SubnetId"))).size).toBe(2)
})

test("where EC2 has none of all types, it says so", async () => {
  without("InsufficientInstanceCapacity", ...Resource.Worker.instanceTypes)
  await expect(provider.start(request())).rejects.toThrow("EC2 has none of t3.large, t3a.large, m7i-flex.large")
})

test("what no other type would mend is not tried with one", async () => {
  without("UnauthorizedOperation", "t3.large")
  const before = stand.edge.calls("RunInstances").length
  await expect(provider.start(request())).rejects.toMatchObject({ name: "UnauthorizedOperation" })
  expect(stand.edge.calls("RunInstances")).toHaveLength(before + 1)
})

test("a machine is absent before it is started, alive then, and ended for good when it was terminated", async () => {
  const asked = request()
  expect(await provider.describe(claim(asked))).toEqual({ type: "absent" })
  const instanceID = await provider.start(asked)
  expect(await provider.describe(claim(asked))).toEqual({ type: "alive", instanceID })
  expect(await provider.describe(claim({ ...asked, generation: 2 }))).toEqual({ type: "absent" })
  await provider.terminate(asked)
  expect(await provider.describe(claim(asked))).toEqual({ type: "ended", reason: "exited" })
  await provider.terminate(asked)
})

test("a Spot machine that EC2 took back ended through no fault of the session", async () => {
  const asked = request()
  await provider.start(asked)
  await provider.terminate(asked)
  stand.edge.rewrite((body) => body.replaceAll("Client.UserInitiatedShutdown", "Server.SpotInstanceTermination"))
  expect(await provider.describe(claim(asked))).toEqual({ type: "ended", reason: "host" })
})

test("the list has this stage's machines that have not ended, and no others", async () => {
  const [kept, ended, foreign] = [request(), request(2), request()]
  await provider.start(kept)
  await provider.start(ended)
  await provider.terminate(ended)
  const session = { "remote-swe:session": foreign.sessionID, "remote-swe:generation": "1" }
  const other = await strange({ "sst:app": "remote-swe", "sst:stage": "another", ...session })
  await strange({ "sst:app": "remote-swe", "sst:stage": stand.stage })
  const found = await provider.list()
  expect(found).toContainEqual({ sessionID: kept.sessionID, generation: 1 })
  expect(found.map((item) => item.sessionID)).not.toContain(ended.sessionID)
  expect(found.map((item) => item.sessionID)).not.toContain(foreign.sessionID)
  await provider.terminate(foreign)
  expect(await machines(foreign.sessionID)).toMatchObject([{ id: other, state: "running" }])
})
