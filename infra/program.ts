import { execFileSync } from "node:child_process"
import { realpathSync } from "node:fs"
import path from "node:path"
import { bucket } from "./storage.ts"

/**
 * What machines fetch, made as this deployment has it and stored under what it holds: the worker's bundle, and the
 * recipe of its machine, from which images are made. Another bundle makes no other image.
 */

const folder = path.resolve(".sst", "program")

interface Made {
  file: string
  sha256: string
}

const bundle = make<Made>("worker.mjs")
const recipe = make<Made & { floor: number }>("recipe.mjs")
const stored = { bundle: store("WorkerBundle", bundle), recipe: store("WorkerRecipeArchive", recipe) }

export const programs = { bundle: { ...bundle, ...stored.bundle }, recipe: { ...recipe, ...stored.recipe } }

export const program = new sst.Linkable("WorkerProgram", {
  properties: {
    bundleKey: stored.bundle.key,
    bundleVersion: stored.bundle.version,
    bundleSha256: bundle.sha256,
    recipeKey: stored.recipe.key,
    recipeVersion: stored.recipe.version,
    recipeSha256: recipe.sha256,
    floor: recipe.floor,
  },
})

/** By version, as a later deployment deletes what this one stored: the bucket keeps that for a while. */
export const fetching = [{ actions: ["s3:GetObjectVersion"], resources: [$interpolate`${bucket.arn}/program/*`] }]

function make<Result>(script: string): Result {
  const node = path.resolve("node_modules", ".bin", "node")
  const out = execFileSync(node, [realpathSync(path.join("scripts", script)), folder], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  })
  return JSON.parse(out.trim().split("\n").at(-1) ?? "")
}

function store(name: string, { file, sha256 }: Made) {
  const key = `program/${path.basename(file)}`
  const source = new $util.asset.FileAsset(file)
  // Not before the bucket keeps versions.
  const object = new aws.s3.BucketObjectv2(
    name,
    { bucket: bucket.name, key, source, sourceHash: sha256 },
    { dependsOn: bucket },
  )
  return { key, version: object.versionId }
}
