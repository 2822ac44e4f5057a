import { DescribeImagesCommand, type Image as Described } from "@aws-sdk/client-ec2"
import { Resource } from "sst"
import { choose, type Image, type Wanted } from "../image.ts"
import { client, filters, floorTag, recipeTag, stageTags, tagOf } from "./client.ts"

/** What this deployment says of images. */
export const wanted = (): Wanted => ({
  fixed: Resource.WorkerImage.fixed,
  base: Resource.WorkerImage.base,
  architecture: Resource.WorkerImage.architecture,
  recipe: Resource.WorkerProgram.recipeSha256,
  floor: Resource.WorkerProgram.floor,
})

/** What the next machine is started from. */
export async function pick() {
  return choose(wanted().fixed ? [] : await images(), wanted())
}

/** This stage's images, those that are still being made as well. */
export async function images() {
  const { Images = [] } = await client.send(
    new DescribeImagesCommand({ Owners: ["self"], Filters: filters(stageTags()) }),
  )
  return Images.flatMap(read)
}

function read(image: Described): (Image & { snapshots: string[] })[] {
  const { ImageId: id, State, CreationDate = "", BlockDeviceMappings = [] } = image
  const recipe = tagOf(image, recipeTag)
  if (!id || !recipe || (State !== "available" && State !== "pending")) return []
  return [
    {
      id,
      isAvailable: State === "available",
      architecture: image.Architecture ?? "",
      recipe,
      floor: Number(tagOf(image, floorTag) ?? 0),
      created: Date.parse(CreationDate),
      snapshots: BlockDeviceMappings.flatMap((item) => item.Ebs?.SnapshotId ?? []),
    },
  ]
}
