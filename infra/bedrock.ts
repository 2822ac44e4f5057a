import { arn, publicArn } from "./arn.ts"

/**
 * What calling the model `id` touches: itself, or, behind a cross-region profile such as `eu.anthropic.…`,
 * the profile here and the model in whatever region answers.
 */
export function resources(id: string): $util.Input<string>[] {
  if (id.startsWith("arn:")) return [id]
  const profile = /^(us|us-gov|eu|apac|jp|au|ca|sa|global)\.(.+)$/.exec(id)
  if (!profile) return [publicArn("bedrock", `foundation-model/${id}`)]
  const [, geography, model] = profile
  return [
    arn("bedrock", `inference-profile/${id}`),
    publicArn("bedrock", `foundation-model/${model}`, "*"),
    // A global profile also routes to a model that names no region.
    ...(geography === "global" ? [publicArn("bedrock", `foundation-model/${model}`, "")] : []),
  ]
}
