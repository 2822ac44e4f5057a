import type { Image } from "./image.ts"

/** What of a stage there is, apart from what its deployment made. */
export interface There {
  images: readonly (Image & { snapshots: readonly string[] })[]
  /** Of images of this stage, whether or not the image is there still. */
  snapshots: readonly { id: string; created: number }[]
  volumes: readonly { id: string; created: number; isAttached: boolean }[]
  /** The images of machines that have not ended. */
  used: readonly string[]
  /** What the next machine is started from. */
  chosen: string
  now: number
}

export interface Waste {
  images: string[]
  snapshots: string[]
  volumes: string[]
}

const hour = 60 * 60_000
/** For so long somebody may go back to the deployment before. */
const imageMs = 24 * hour
/** What is younger may be on its way to where it belongs. */
const orphanMs = hour

/** What nobody needs any more. */
export function collect({ images, snapshots, volumes, used, chosen, now }: There): Waste {
  const isOlder = ({ created }: { created: number }, ms: number) => now - created >= ms
  const kept = new Set([chosen, ...used])
  const old = images.filter((image) => image.isAvailable && !kept.has(image.id) && isOlder(image, imageMs))
  const gone = new Set(old.map((image) => image.id))
  const held = new Set(images.filter((image) => !gone.has(image.id)).flatMap((image) => image.snapshots))
  const orphans = snapshots.filter((item) => !held.has(item.id) && isOlder(item, orphanMs)).map((item) => item.id)
  const own = old.flatMap((image) => image.snapshots).filter((id) => !held.has(id))
  return {
    images: [...gone],
    snapshots: [...new Set([...own, ...orphans])],
    volumes: volumes.filter((item) => !item.isAttached && isOlder(item, orphanMs)).map((item) => item.id),
  }
}

/** What deployments and tries left at Image Builder. A name is a recipe's own. */
export interface Leftover {
  kind: "image" | "recipe" | "component" | "distribution"
  arn: string
  name: string
  created: number
  /** It is being made. */
  isBusy: boolean
}

/** What is not the present recipe's, nor of a deployment that may be under way. */
export const outdated = (found: readonly Leftover[], name: string | undefined, now: number) =>
  found.filter((item) => item.name !== name && !item.isBusy && now - item.created >= imageMs)
