import type { Boot } from "./schema.ts"

/** An image of this stage, made from a recipe of some deployment. */
export interface Image {
  id: string
  isAvailable: boolean
  architecture: string
  /** SHA-256 of the recipe that it was made from. */
  recipe: string
  /** The recipe's `worker-ami/conf/floor.txt`. */
  floor: number
  created: number
}

/** What a deployment says of images. */
export interface Wanted {
  /** `WORKER_IMAGE_ID`, which turns all the rest off. */
  fixed?: string | undefined
  /** A Debian without anything of ours. */
  base: string
  architecture: string
  recipe: string
  /** An image with a lower one cannot run the present bundle. */
  floor: number
}

export interface Choice {
  imageID: string
  boot: Boot
}

/** What a machine is started from: as new a one as there is, and never one that is too old. */
export function choose(images: readonly Image[], { fixed, base, architecture, recipe, floor }: Wanted): Choice {
  // Only the machine sees whether anything is missing on it.
  if (fixed) return { imageID: fixed, boot: "install" }
  const fit = images
    .filter((image) => image.isAvailable && image.architecture === architecture && image.floor >= floor)
    .toSorted(newestFirst)
  const found = fit.find((image) => image.recipe === recipe) ?? fit[0]
  return found ? { imageID: found.id, boot: "image" } : { imageID: base, boot: "install" }
}

/** Of those made at one time the same one is first, whoever asks. */
const newestFirst = (one: Image, other: Image) => other.created - one.created || (one.id < other.id ? -1 : 1)

/** One try to make an image of the present recipe. */
export interface Build {
  state: "building" | "ended"
  /** When it was begun. */
  at: number
}

export type Due =
  | { type: "nothing" }
  | { type: "wait"; until: number }
  /** `attempt` counts from 1. */
  | { type: "build"; attempt: number }
  /** It failed again and again: somebody has to look. */
  | { type: "failed"; attempts: number }

const minute = 60_000
/** How long after the beginning of a try the next one is made: an image that was made shows before the first. */
const pausesMs = [60 * minute, 120 * minute, 360 * minute]

/** Whether an image of the recipe has to be made now. A try that left none has failed, whatever it says of itself. */
export function due(
  images: readonly Image[],
  { recipe, architecture }: Pick<Wanted, "recipe" | "architecture">,
  builds: readonly Build[],
  now: number,
): Due {
  if (images.some((image) => image.recipe === recipe && image.architecture === architecture)) return { type: "nothing" }
  if (builds.some(({ state }) => state === "building")) return { type: "nothing" }
  const attempts = builds.length
  if (attempts > pausesMs.length) return { type: "failed", attempts }
  const until = Math.max(...builds.map(({ at }) => at)) + (pausesMs[attempts - 1] ?? 0)
  return now < until ? { type: "wait", until } : { type: "build", attempt: attempts + 1 }
}
