import {
  CancelImageCreationCommand,
  DeleteComponentCommand,
  DeleteDistributionConfigurationCommand,
  DeleteImageCommand,
  DeleteImageRecipeCommand,
  paginateListComponents,
  paginateListDistributionConfigurations,
  paginateListImageBuildVersions,
  paginateListImageRecipes,
  paginateListImages,
} from "@aws-sdk/client-imagebuilder"
import { Resource } from "sst"
import type { Leftover } from "../collect.ts"
import { builder, read } from "./builder.ts"

/**
 * What this stage has at Image Builder, in an order in which it can be removed. No deployment takes away what the
 * one before made: Image Builder refuses while an image that was made of it is known there.
 */
export async function leftovers(): Promise<Leftover[]> {
  return (await Promise.all([attempts(), recipes(), components(), distributions()])).flat()
}

/** As infra/image.ts makes names, `?` being any one character. In ARNs they are in lower case. */
export const names = () => `${Resource.App.name}-worker-????????-${Resource.App.stage.toLowerCase()}`

const isOurs = (name: string | undefined): name is string =>
  name !== undefined && new RegExp(`^${names().replaceAll("?", "[0-9a-f]")}$`, "i").test(name)

async function attempts() {
  const found: Leftover[] = []
  for await (const { imageVersionList = [] } of paginateListImages({ client: builder }, { owner: "Self" }))
    for (const { name, arn } of imageVersionList) if (isOurs(name) && arn) found.push(...(await builds(arn)))
  return found
}

async function builds(imageVersionArn: string) {
  const found: Leftover[] = []
  for await (const page of paginateListImageBuildVersions({ client: builder }, { imageVersionArn }))
    for (const { arn, name, at, state } of (page.imageSummaryList ?? []).flatMap(read))
      found.push({ kind: "image", arn, name, created: at, isBusy: state === "building" })
  return found
}

async function recipes() {
  const found: Leftover[] = []
  for await (const page of paginateListImageRecipes({ client: builder }, { owner: "Self" }))
    for (const item of page.imageRecipeSummaryList ?? []) found.push(...one("recipe", item))
  return found
}

async function components() {
  const found: Leftover[] = []
  for await (const page of paginateListComponents({ client: builder }, { owner: "Self" }))
    for (const item of page.componentVersionList ?? [])
      // A name of ours has one version, and that one build.
      found.push(...one("component", { ...item, arn: item.arn && `${item.arn}/1` }))
  return found
}

async function distributions() {
  const found: Leftover[] = []
  for await (const page of paginateListDistributionConfigurations({ client: builder }, {}))
    for (const item of page.distributionConfigurationSummaryList ?? []) found.push(...one("distribution", item))
  return found
}

interface Listed {
  arn?: string | undefined
  name?: string | undefined
  dateCreated?: string | undefined
}

function one(kind: Leftover["kind"], { arn, name, dateCreated = "" }: Listed): Leftover[] {
  return arn && isOurs(name) ? [{ kind, arn, name, created: Date.parse(dateCreated), isBusy: false }] : []
}

/** What Image Builder answers while something that is still there needs it, or while it is ending already. */
const passing = ["ResourceDependencyException", "ResourceInUseException", "InvalidRequestException"]

/** Removes it; false where that will only be possible later. */
export async function remove({ kind, arn, isBusy }: Leftover) {
  return forget(kind, arn, isBusy).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && passing.includes(error.name)) return false
      throw error
    },
  )
}

async function forget(kind: Leftover["kind"], arn: string, isBusy: boolean) {
  switch (kind) {
    case "image":
      if (isBusy) return void (await builder.send(new CancelImageCreationCommand({ imageBuildVersionArn: arn })))
      return void (await builder.send(new DeleteImageCommand({ imageBuildVersionArn: arn })))
    case "recipe":
      return void (await builder.send(new DeleteImageRecipeCommand({ imageRecipeArn: arn })))
    case "component":
      return void (await builder.send(new DeleteComponentCommand({ componentBuildVersionArn: arn })))
    case "distribution":
      return void (await builder.send(
        new DeleteDistributionConfigurationCommand({ distributionConfigurationArn: arn }),
      ))
  }
}
