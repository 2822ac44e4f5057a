import { GetObjectCommand } from "@aws-sdk/client-s3"
import { getSignedUrl } from "@aws-sdk/s3-request-presigner"
import { Resource } from "sst"
import { Bucket } from "../../bucket/index.ts"

/**
 * The programs of this deployment, where a machine can fetch them: by signed addresses, so that its role needs
 * no right to the bucket. By version, so that a later deployment does not take away what a machine is about to
 * fetch.
 */
export async function programs(since: number, lifeMs: number) {
  const { bundleKey, bundleVersion, bundleSha256, recipeKey, recipeVersion, recipeSha256 } = Resource.WorkerProgram
  const address = (Key: string, VersionId: string) =>
    getSignedUrl(Bucket.client, new GetObjectCommand({ Bucket: Resource.Bucket.name, Key, VersionId }), {
      signingDate: new Date(since),
      expiresIn: Math.ceil(lifeMs / 1_000),
    })
  return {
    bundle: { url: await address(bundleKey, bundleVersion), sha256: bundleSha256 },
    recipe: { url: await address(recipeKey, recipeVersion), sha256: recipeSha256 },
  }
}
