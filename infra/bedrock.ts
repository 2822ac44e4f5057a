import * as Bedrock from "../packages/core/src/model/bedrock.ts"
import { arn, publicArn } from "./arn.ts"

/**
 * What calling the model `name` touches: itself, or, behind a cross-region profile such as `eu.anthropic.…`,
 * the profile here and the model in whatever region answers.
 */
export function resources(name: string): $util.Input<string>[] {
  if (name.startsWith("arn:")) return [name]
  const { model, prefix, regions } = Bedrock.parse(name)
  if (prefix === undefined) return [publicArn("bedrock", `foundation-model/${model}`)]
  return [
    arn("bedrock", `inference-profile/${name}`),
    ...regions.map((region) => publicArn("bedrock", `foundation-model/${model}`, region)),
  ]
}
