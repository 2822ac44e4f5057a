import { DeregisterImageCommand, DescribeInstanceAttributeCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2"
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { Identifier } from "@remote-swe/core/identifier"
import type { Machine } from "@remote-swe/core/machine"
import { Ec2 } from "@remote-swe/core/machine/ec2"
import { Resource } from "sst"
import { afterEach, expect, test } from "vitest"
import { stand } from "./links.ts"
import { configure, ec2, image, machines, strange } from "./util.ts"

const provider = Ec2.create()
const token = "swe_w_a-secret-of-the-session"
const request = (generation = 1) => ({
  sessionID: Identifier.create("session"),
  generation,
  token,
  since: Date.now(),
})

afterEach(() => {
  stand.edge.refuse(() => undefined)
  stand.edge.rewrite((body) => body)
})

/** Refuses the types, as EC2 does where it has none. */
const without = (code: string, ...types: string[]) =>
  stand.edge.refuse((params) => (types.includes(params.get("InstanceType") ?? "") ? code : undefined))

test("a machine is started from the stage's template, and carries stage, session and generation with its disk", async () => {
  const asked = request(3)
  const started = await provider.start(asked)
  const [machine] = await machines(asked.sessionID)
  expect(started).toEqual({ instanceID: machine?.id, boot: "install" })
  expect(machine).toMatchObject({ type: "t3.large", subnet: Resource.Worker.subnetIDs[1], imageID: stand.base })
  const tags = [
    { Key: "sst:app", Value: "remote-swe" },
    { Key: "sst:stage", Value: stand.stage },
    { Key: "remote-swe:session", Value: asked.sessionID },
    { Key: "remote-swe:generation", Value: "3" },
  ]
  expect(machine?.tags).toEqual(expect.arrayContaining(tags))
  const Filters = [{ Name: "attachment.instance-id", Values: [machine?.id ?? ""] }]
  const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ Filters }))
  expect(Volumes).toHaveLength(1)
  expect(Volumes[0]?.Tags).toEqual(expect.arrayContaining(tags))
})

/** What a machine reads of itself. */
async function told(asked: Machine.Start) {
  const started = await provider.start(asked)
  const InstanceId = started?.instanceID
  const { UserData } = await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: "userData" }))
  const script = Buffer.from(UserData?.Value ?? "", "base64").toString()
  const lines = script.split("\n").flatMap((line) => /^([A-Z0-9_]+)=(.*)$/.exec(line)?.slice(1) ?? [])
  const settings: Record<string, string> = {}
  for (let at = 0; at < lines.length; at += 2) settings[lines[at] ?? ""] = lines[at + 1] ?? ""
  return { script, settings }
}

test("user data says where, for what and with which program, and nothing that stays secret", async () => {
  const asked = request()
  const { script, settings } = await told(asked)
  const { REMOTE_SWE_BUNDLE_URL: url = "", ...rest } = settings
  expect(rest).toEqual({
    AWS_REGION: "us-east-1",
    REMOTE_SWE_API_URL: stand.apiURL,
    REMOTE_SWE_GENERATION: "1",
    REMOTE_SWE_LOG_GROUP: `/remote-swe/${stand.stage}/worker`,
    REMOTE_SWE_SESSION_ID: asked.sessionID,
    REMOTE_SWE_BUNDLE_SHA256: Resource.WorkerProgram.bundleSha256,
    GITHUB_SERVER_URL: "https://github.example.com",
    GITHUB_API_URL: "https://github.example.com/api/v3",
    EGRESS_ALLOWED_DOMAINS: "example.com,*.example.org:8443",
  })
  expect(script).not.toContain("swe_w_")
  expect(url).toContain("X-Amz-Security-Token=")
  expect(Buffer.byteLength(script)).toBeLessThan(16_384)
  // The base image has to be installed first.
  expect(new URL(url).searchParams.get("X-Amz-Expires")).toBe("1200")
})

test("commands become root where the configuration says so, and only there", async () => {
  configure({ sudo: true })
  const { settings } = await told(request())
  configure({ sudo: false })
  expect(settings["WORKER_SUDO"]).toBe("true")
  expect((await told(request())).settings).not.toHaveProperty("WORKER_SUDO")
})

test("the addresses in user data lead to the programs of this deployment, also when a later one took them away", async () => {
  const { script, settings } = await told(request())
  const recipe = /url = "(.*)"/.exec(script)?.[1] ?? ""
  const s3 = new S3Client({ forcePathStyle: true })
  const { bundleKey, recipeKey } = Resource.WorkerProgram
  for (const Key of [bundleKey, recipeKey])
    await s3.send(new DeleteObjectCommand({ Bucket: Resource.Bucket.name, Key }))
  const read = async (url = "") => Buffer.from(await (await fetch(url)).arrayBuffer())
  expect(await read(settings["REMOTE_SWE_BUNDLE_URL"])).toEqual(stand.programs.bundle)
  expect(await read(recipe)).toEqual(stand.programs.recipe)
})

test("the same question gets the same machine", async () => {
  const asked = request()
  const first = await provider.start(asked)
  expect(first).toMatchObject({ instanceID: expect.any(String) })
  expect(await provider.start({ ...asked, token: "swe_w_another" })).toEqual(first)
  expect(await machines(asked.sessionID)).toHaveLength(1)
})

test("asked again in other words, EC2 refuses, and the machine that there is is found", async () => {
  const asked = request()
  const first = await provider.start(asked)
  expect(await provider.start({ ...asked, since: asked.since - 60_000 })).toEqual(first)
  expect(stand.edge.calls("RunInstances").at(-1)?.status).toBe(400)
  expect(await machines(asked.sessionID)).toHaveLength(1)
})

test("asked again in other words while EC2 does not show the machine yet, none is named", async () => {
  const asked = request()
  await provider.start(asked)
  stand.edge.rewrite((body) => body.replace(/<reservationSet>.*<\/reservationSet>/s, "<reservationSet/>"))
  expect(await provider.start({ ...asked, since: asked.since - 60_000 })).toBeUndefined()
  expect(await machines(asked.sessionID)).toEqual([])
  stand.edge.rewrite((body) => body)
  expect(await machines(asked.sessionID)).toHaveLength(1)
})

test("a machine starts from the newest image of the recipe, then from one that will do, never from one below the floor", async () => {
  const { recipeSha256: recipe, floor } = Resource.WorkerProgram
  const from = async () => {
    const asked = request()
    const started = await provider.start(asked)
    const [machine] = await machines(asked.sessionID)
    return { imageID: machine?.imageID, boot: started?.boot }
  }
  const foreign = await image({ recipe, floor, stage: "another" })
  await image({ recipe: "old", floor: floor - 1 })
  expect(await from()).toEqual({ imageID: stand.base, boot: "install" })
  const other = await image({ recipe: "other", floor })
  expect(await from()).toEqual({ imageID: other, boot: "image" })
  const wanted = await image({ recipe, floor })
  expect(await from()).toEqual({ imageID: wanted, boot: "image" })
  for (const id of [foreign, other, wanted]) await ec2.send(new DeregisterImageCommand({ ImageId: id }))
  expect(await from()).toEqual({ imageID: stand.base, boot: "install" })
})

test("throttled, EC2 is asked again", async () => {
  let left = 1
  stand.edge.refuse((params) => {
    if (params.get("Action") !== "RunInstances" || left === 0) return
    left--
    return "RequestLimitExceeded"
  })
  const asked = request()
  await provider.start(asked)
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
  expect(await provider.describe(asked)).toEqual({ type: "absent" })
  const started = await provider.start(asked)
  expect(await provider.describe(asked)).toEqual({ type: "alive", ...started })
  expect(await provider.describe({ ...asked, generation: 2 })).toEqual({ type: "absent" })
  await provider.terminate(asked)
  expect(await provider.describe(asked)).toEqual({ type: "ended", reason: "exited" })
  await provider.terminate(asked)
})

test("a Spot machine that EC2 took back ended through no fault of the session", async () => {
  const asked = request()
  await provider.start(asked)
  await provider.terminate(asked)
  stand.edge.rewrite((body) => body.replaceAll("Client.UserInitiatedShutdown", "Server.SpotInstanceTermination"))
  expect(await provider.describe(asked)).toEqual({ type: "ended", reason: "host" })
})

test("the list has this stage's machines that have not ended, and no others", async () => {
  const [kept, ended, foreign] = [request(), request(2), request()]
  const started = await provider.start(kept)
  await provider.start(ended)
  await provider.terminate(ended)
  const session = { "remote-swe:session": foreign.sessionID, "remote-swe:generation": "1" }
  const other = await strange({ "sst:app": "remote-swe", "sst:stage": "another", ...session })
  await strange({ "sst:app": "remote-swe", "sst:stage": stand.stage })
  const found = await provider.list()
  expect(found).toContainEqual({
    ...{ sessionID: kept.sessionID, generation: 1 },
    instance: { type: "alive", ...started },
  })
  expect(found.map((item) => item.sessionID)).not.toContain(ended.sessionID)
  expect(found.map((item) => item.sessionID)).not.toContain(foreign.sessionID)
  await provider.terminate(foreign)
  expect(await machines(foreign.sessionID)).toMatchObject([{ id: other, state: "running" }])
})
