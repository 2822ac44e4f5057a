import { arn } from "./arn.ts"
import { Config } from "./config.ts"

/** What machines, images and all that is left of them have in common. */

const { imageID, architecture } = Config.use().worker

/** `WORKER_IMAGE_ID`, or a Debian without anything of ours. */
export const base = aws.ec2.getAmiOutput({
  filters: [
    {
      name: "image-id",
      values: [
        imageID ?? aws.ssm.getParameterOutput({ name: `/aws/service/debian/release/13/latest/${architecture}` }).value,
      ],
    },
  ],
})

/** On every machine, disk, image and snapshot, from the call that makes it. */
export const tags = { "sst:app": $app.name, "sst:stage": $app.stage }

export const tagged = Object.entries(tags).map(([name, value]) => ({ name, value }))

/** A condition of policies: it is this stage's. */
export const ours = tagged.map(({ name, value }) => equals(`aws:ResourceTag/${name}`, [value]))

/** What Image Builder has of this stage: eight digits in its name tell one recipe from another. */
export const nameOf = (digits: $util.Input<string>) => $interpolate`${$app.name}-worker-${digits}-${$app.stage}`

/** The same in a policy, with `?` for each digit. Image Builder writes ARNs in lower case. */
export const built = (kind: string, ending = "/*") =>
  arn("imagebuilder", `${kind}/${$app.name}-worker-????????-${$app.stage.toLowerCase()}${ending}`)

export function equals(variable: string, values: string[]) {
  return { test: "StringEquals", variable, values }
}
