import {
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DeregisterImageCommand,
  paginateDescribeSnapshots,
  paginateDescribeVolumes,
} from "@aws-sdk/client-ec2"
import { Resource } from "sst"
import { Logger } from "../../logger.ts"
import { collect, outdated, type Waste } from "../collect.ts"
import { choose, due } from "../image.ts"
import { begin, tries } from "./builder.ts"
import { client, filters, recipeTag, select, stageTags } from "./client.ts"
import { images, wanted } from "./image.ts"
import { leftovers, names, remove } from "./leftover.ts"

/** Sees to it that there is an image of the present recipe, and that nothing is kept that nobody needs. */
export async function tidy(now: number) {
  const found = await images()
  await make(found, now)
  const { imageID: chosen } = choose(found, wanted())
  const used = (await select(filters(stageTags()))).flatMap((item) => item.ImageId ?? [])
  await discard(collect({ images: found, snapshots: await snapshots(), volumes: await volumes(), used, chosen, now }))
  for (const item of outdated(await leftovers(), Resource.WorkerImage.name, now))
    if (await remove(item)) Logger.info("a leftover was removed", { code: "leftover.removed", arn: item.arn })
}

async function make(found: Awaited<ReturnType<typeof images>>, now: number) {
  const { pipelineARN, name } = Resource.WorkerImage
  if (!pipelineARN || !name) return
  const made = await tries(pipelineARN, name)
  const next = due(found, wanted(), made, now)
  if (next.type === "nothing") return
  const last = made.toSorted((one, other) => other.at - one.at)[0]
  if (last)
    Logger.error("an image could not be made", {
      ...{ code: "image.failed", arn: last.arn, reason: last.reason, attempts: made.length },
      ...(next.type === "failed" && { givenUp: true }),
    })
  if (next.type !== "build") return
  await begin(pipelineARN, name, next.attempt)
  Logger.info("an image is made", { code: "image.building", name, attempt: next.attempt })
}

/** Each for itself: what cannot be removed holds up nothing else. */
export async function discard({ images, snapshots, volumes }: Waste) {
  const failures: unknown[] = []
  const each = async (code: string, ids: readonly string[], act: (id: string) => Promise<unknown>) => {
    for (const id of ids)
      await act(id).then(
        () => Logger.info("nobody needed it", { code, id }),
        (error: unknown) => (isGone(error) ? undefined : failures.push(error)),
      )
  }
  await each("image.removed", images, (ImageId) => client.send(new DeregisterImageCommand({ ImageId })))
  await each("snapshot.removed", snapshots, (SnapshotId) => client.send(new DeleteSnapshotCommand({ SnapshotId })))
  await each("volume.removed", volumes, (VolumeId) => client.send(new DeleteVolumeCommand({ VolumeId })))
  if (failures.length > 0) throw new AggregateError(failures, "Not all could be removed that nobody needs")
}

/** Somebody else removed it. */
const isGone = (error: unknown) =>
  error instanceof Error && /^Invalid(AMIID|Snapshot|Volume)\.(NotFound|Unavailable)$/.test(error.name)

/**
 * Those of images, by our tags or by Image Builder's own, whichever a snapshot got. Whoever keeps a copy of a
 * machine's disk is not asked whether it is needed.
 */
export async function snapshots() {
  const found = new Map<string, { id: string; created: number }>()
  const ours = [...filters(stageTags()), { Name: "tag-key", Values: [recipeTag] }]
  const made = [{ Name: "tag:Ec2ImageBuilderArn", Values: [`*:image/${names()}/*`] }]
  for (const Filters of [ours, made])
    for await (const page of paginateDescribeSnapshots({ client }, { OwnerIds: ["self"], Filters }))
      for (const { SnapshotId: id, StartTime, State } of page.Snapshots ?? [])
        if (id && State !== "pending") found.set(id, { id, created: StartTime?.getTime() ?? 0 })
  return [...found.values()]
}

export async function volumes() {
  const found: { id: string; created: number; isAttached: boolean }[] = []
  for await (const page of paginateDescribeVolumes({ client }, { Filters: filters(stageTags()) }))
    for (const { VolumeId: id, CreateTime, State } of page.Volumes ?? [])
      if (id) found.push({ id, created: CreateTime?.getTime() ?? 0, isAttached: State !== "available" })
  return found
}
