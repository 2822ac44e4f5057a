import { createHash } from "node:crypto"
import {
  type ImageSummary,
  ImagebuilderClient,
  paginateListImagePipelineImages,
  StartImagePipelineExecutionCommand,
} from "@aws-sdk/client-imagebuilder"
import type { Build } from "../image.ts"

/** EC2 Image Builder, which makes the images of machines. What it calls an image is one try to make one. */
export const builder = new ImagebuilderClient({ maxAttempts: 6 })

const over = ["AVAILABLE", "CANCELLED", "DELETED", "DEPRECATED", "DISABLED", "FAILED"]

export interface Try extends Build {
  arn: string
  name: string
  /** Why it ended as it did, in Image Builder's words. */
  reason: string
}

export function read({ arn, name, state, dateCreated = "" }: ImageSummary): Try[] {
  if (!arn || !name) return []
  const status = over.includes(state?.status ?? "") ? "ended" : "building"
  return [{ arn, name, state: status, at: Date.parse(dateCreated), reason: state?.reason ?? "" }]
}

/** The tries to make an image of the present recipe, which no other recipe shares its name with. */
export async function tries(pipelineARN: string, name: string) {
  const found: Try[] = []
  for await (const page of paginateListImagePipelineImages({ client: builder }, { imagePipelineArn: pipelineARN }))
    found.push(...(page.imageSummaryList ?? []).flatMap(read))
  return found.filter((item) => item.name === name)
}

/** Begins one more. Whoever asks for the same attempt again begins none. */
export async function begin(pipelineARN: string, name: string, attempt: number) {
  // 36 characters at most.
  const clientToken = createHash("sha256").update(`${name} ${attempt}`).digest("hex").slice(0, 36)
  await builder.send(new StartImagePipelineExecutionCommand({ imagePipelineArn: pipelineARN, clientToken }))
}
