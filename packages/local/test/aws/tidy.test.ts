import {
  CopySnapshotCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2"
import { Identifier } from "@remote-swe/core/identifier"
import { Removal } from "@remote-swe/core/machine/ec2/remove"
import * as Sweep from "@remote-swe/functions/cron/sweep"
import { Resource } from "sst"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { stand } from "./links.ts"
import { as, copies, ec2, image, said, strange, world } from "./util.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const { recipeSha256: recipe, floor } = Resource.WorkerProgram
const own = { "sst:app": "remote-swe", "sst:stage": stand.stage }
const foreign = { ...own, "sst:stage": "another" }

/** A sweep at which the rest is looked after as well, so many tens of minutes later and ten more. */
function tidier() {
  const it = world()
  stand.builder.turn(it.now)
  it.pass(10 * minute - (it.now() % (10 * minute)))
  const sweep = Sweep.create(it)
  return async (ms: number) => {
    it.pass(ms + 10 * minute)
    await sweep()
  }
}

const tries = () => stand.builder.items.filter((item) => item.kind === "image" && item.name === stand.builder.name)
const tags = (given: Record<string, string>) => Object.entries(given).map(([Key, Value]) => ({ Key, Value }))

const images = async () =>
  ((await ec2.send(new DescribeImagesCommand({ Owners: ["self"] }))).Images ?? []).map((item) => item.ImageId)
const snapshots = async () =>
  ((await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ["self"] }))).Snapshots ?? []).map(
    (item) => item.SnapshotId,
  )
const volumes = async () =>
  ((await ec2.send(new DescribeVolumesCommand({}))).Volumes ?? []).map((item) => item.VolumeId)

async function disk(given: Record<string, string>) {
  const { VolumeId = "" } = await ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: "us-east-1a",
      Size: 8,
      TagSpecifications: [{ ResourceType: "volume", Tags: tags(given) }],
    }),
  )
  return VolumeId
}

let log: ReturnType<typeof said>
beforeEach(() => void (log = said()))
afterEach(async () => {
  vi.restoreAllMocks()
  stand.builder.clear()
  await Removal.remove({ settle: 0, interval: 0 })
})

test("an image of the recipe is made where there is none, once, and no machine waits for it", async () => {
  const tidy = tidier()
  await tidy(0)
  expect(tries()).toMatchObject([{ status: "BUILDING" }])
  await tidy(hour)
  expect(tries()).toHaveLength(1)
  expect(log.codes()).toEqual(["image.building"])
  stand.builder.end("AVAILABLE")
  await image({ recipe, floor })
  await tidy(hour)
  await tidy(hour)
  expect(tries()).toHaveLength(1)
})

test("an image that cannot be made is tried again later and later, and then no more; each look says so", async () => {
  const tidy = tidier()
  const counts: number[] = []
  for (let round = 0; round < 30; round++) {
    await tidy(20 * minute)
    stand.builder.end("FAILED")
    counts.push(tries().length)
  }
  expect(counts.at(-1)).toBe(4)
  const gaps = [2, 3, 4].map((count) => counts.indexOf(count) - counts.indexOf(count - 1))
  // Half hours: 1, 2 and 6 hours.
  expect(gaps).toEqual([2, 4, 12])
  const lines = log.lines("image.failed")
  expect(lines.length).toBeGreaterThan(20)
  expect(lines.at(-1)).toMatchObject({ level: "error", reason: "The component failed", attempts: 4, givenUp: true })
})

test("whoever begins the same try twice begins one", async () => {
  const it = world()
  stand.builder.turn(it.now)
  const isActive = async () => false
  const ten = Math.ceil(it.now() / (10 * minute)) * 10 * minute
  const tend = async () => as({ type: "system" }, async () => it.provider.tend?.(isActive, ten))
  await Promise.all([tend(), tend(), tend()])
  expect(tries()).toHaveLength(1)
})

test("images go that are neither the next machine's, nor one's that runs, nor of today; their snapshots with them", async () => {
  const tidy = tidier()
  const [old, used, next] = [
    await image({ recipe: "old", floor }),
    await image({ recipe: "used", floor }),
    await image({ recipe, floor }),
  ]
  const other = await image({ recipe: "old", floor, stage: "another" })
  const parts = { old: await copies(old), next: await copies(next), other: await copies(other) }
  await strange({ ...own, "remote-swe:held": "x" }, used)
  await tidy(23 * hour)
  expect(await images()).toEqual(expect.arrayContaining([old, used, next, other]))
  await tidy(hour)
  expect(await images()).not.toContain(old)
  expect(await images()).toEqual(expect.arrayContaining([next, other]))
  const left = await snapshots()
  for (const id of parts.old) expect(left).not.toContain(id)
  expect(left).toEqual(expect.arrayContaining([...parts.next, ...parts.other]))
  expect(log.lines("image.removed")).toMatchObject([{ id: old }])
  expect(log.lines("snapshot.removed")).toHaveLength(parts.old.length)
})

test("an image that a machine was started from stays until the machine has ended", async () => {
  const tidy = tidier()
  await image({ recipe, floor })
  const used = await image({ recipe: "used", floor: floor - 1 })
  const session = { "remote-swe:session": Identifier.create("session"), "remote-swe:generation": "1" }
  const id = await strange({ ...own, "remote-swe:held": "x" }, used)
  await tidy(2 * day)
  expect(await images()).toContain(used)
  await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: tags(session) }))
  await tidy(0)
  await tidy(0)
  expect(await images()).not.toContain(used)
})

test("a snapshot whose image is gone goes, known by our tags or by Image Builder's; copies of disks stay", async () => {
  const tidy = tidier()
  const kept = await image({ recipe, floor })
  const [source = ""] = await copies(kept)
  const copy = async (given: Record<string, string>) => {
    const made = await ec2.send(new CopySnapshotCommand({ SourceRegion: "us-east-1", SourceSnapshotId: source }))
    const id = made.SnapshotId ?? ""
    await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: tags(given) }))
    return id
  }
  const arn = (stage: string) =>
    `arn:aws:imagebuilder:us-east-1:123456789012:image/remote-swe-worker-0123abcd-${stage}/1.0.0/1`
  const orphans = [
    await copy({ ...own, "remote-swe:recipe": "x" }),
    await copy({ Ec2ImageBuilderArn: arn(stand.stage) }),
  ]
  const others = [
    // What somebody made of a machine's disk, and what another stage has.
    await copy(own),
    await copy({ ...foreign, "remote-swe:recipe": "x" }),
    await copy({ Ec2ImageBuilderArn: arn(`${stand.stage}-2`) }),
    await copy({ Ec2ImageBuilderArn: arn(`a-${stand.stage}`) }),
  ]
  await tidy(2 * hour)
  const left = await snapshots()
  for (const id of orphans) expect(left).not.toContain(id)
  expect(left).toEqual(expect.arrayContaining([source, ...others]))
})

test("a disk that no machine has goes after an hour, and another stage's stays", async () => {
  const tidy = tidier()
  await image({ recipe, floor })
  const [orphan, other, nobodys] = [await disk(own), await disk(foreign), await disk({ "sst:app": "remote-swe" })]
  await strange({ ...own, "remote-swe:held": "x" })
  await tidy(30 * minute)
  expect(await volumes()).toContain(orphan)
  await tidy(hour)
  const left = await volumes()
  expect(left).not.toContain(orphan)
  expect(left).toEqual(expect.arrayContaining([other, nobodys]))
  expect(log.lines("volume.removed")).toMatchObject([{ id: orphan }])
})

test("what earlier recipes left at Image Builder goes, what is ours now and what is others' stays", async () => {
  const tidy = tidier()
  await image({ recipe, floor })
  const kinds = ["image", "image-recipe", "component", "distribution-configuration"] as const
  const old = `remote-swe-worker-89abcdef-${stand.stage}`
  const kept = [stand.builder.name, `remote-swe-worker-89abcdef-${stand.stage}-2`, "somebody-elses"]
  // In an order in which none could be removed.
  for (const name of [old, ...kept]) for (const kind of kinds.toReversed()) stand.builder.add(kind, name)
  const names = () => new Set(stand.builder.items.map((item) => item.name))
  await tidy(hour)
  expect(names()).toContain(old)
  await tidy(day)
  expect(names()).toEqual(new Set(kept))
  expect(stand.builder.items).toHaveLength(kinds.length * kept.length)
  expect(log.lines("leftover.removed")).toHaveLength(kinds.length)
})

test("what cannot be removed holds up nothing else, and makes the sweep fail so that somebody sees it", async () => {
  const tidy = tidier()
  await image({ recipe, floor })
  const [first, second] = [await disk(own), await disk(own)]
  stand.edge.refuse((params) => (params.get("VolumeId") === first ? "UnauthorizedOperation" : undefined))
  await expect(tidy(2 * hour)).rejects.toThrow("EC2 could not be looked after")
  expect(await volumes()).not.toContain(second)
  stand.edge.refuse(() => undefined)
  await tidy(0)
  expect(await volumes()).not.toContain(first)
})

test("when the stage is removed, nothing is left of it: machines, pool, images, disks, and all at Image Builder", async () => {
  const session = { "remote-swe:session": Identifier.create("session"), "remote-swe:generation": "1" }
  const machines = [
    await strange({ ...own, ...session }),
    await strange({ ...own, "remote-swe:pool": "x" }),
    // Image Builder's own.
    await strange({ ...own, CreatedBy: "EC2 Image Builder" }),
  ]
  const other = await strange({ ...foreign, ...session })
  const made = [await image({ recipe, floor }), await image({ recipe: "old", floor })]
  const theirs = await image({ recipe, floor, stage: "another" })
  const parts = (await Promise.all(made.map(copies))).flat()
  const spare = await disk(own)
  for (const kind of ["component", "image-recipe", "image", "distribution-configuration"] as const)
    stand.builder.add(kind, stand.builder.name, kind === "image" ? "BUILDING" : "AVAILABLE")
  stand.builder.add("component", "somebody-elses")
  await Removal.remove({ settle: 0, interval: 0 })
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [...machines, other] }))
  const states = new Map(
    Reservations.flatMap((item) => item.Instances ?? []).map((item) => [item.InstanceId, item.State?.Name]),
  )
  expect(machines.map((id) => states.get(id))).toEqual(machines.map(() => "terminated"))
  expect(states.get(other)).toBe("running")
  for (const id of made) expect(await images()).not.toContain(id)
  expect(await images()).toContain(theirs)
  for (const id of parts) expect(await snapshots()).not.toContain(id)
  expect(await volumes()).not.toContain(spare)
  expect(stand.builder.items.map((item) => item.name)).toEqual(["somebody-elses"])
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [other] }))
})

test("what does not go is named, and the removal fails", async () => {
  stand.builder.add("component", stand.builder.name)
  stand.builder.add("image-recipe", "somebody-elses")
  const arn = stand.builder.hold()
  await expect(Removal.remove({ settle: 0, interval: 0, patience: 50 })).rejects.toThrow(arn)
})

test("what a launcher started while the stage was being removed goes as well", async () => {
  let isLate = true
  const late: string[] = []
  stand.edge.refuse((params) => {
    if (isLate && params.get("Action") === "TerminateInstances") {
      isLate = false
      void strange(own).then((id) => late.push(id))
    }
    return undefined
  })
  await strange(own)
  await Removal.remove({ settle: 0, interval: 50 })
  stand.edge.refuse(() => undefined)
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: late }))
  expect(Reservations.flatMap((item) => item.Instances ?? []).map((item) => item.State?.Name)).toEqual(["terminated"])
})
