import { execFileSync } from "node:child_process"
import path from "node:path"
import { work } from "./place.ts"
import type { Resource } from "./result.ts"
import { unpack } from "./zip.ts"

interface Call {
  /** Where bundles are unpacked, each in a folder of its own. */
  folder: string
  /** The folder of the function's artifact in the production run. */
  artifact: string
  /** The function as it was recorded: its handler and its environment. */
  fn: Resource
  /** What Node is told to run: it reads `LAMBDA_HANDLER` and `LAMBDA_EVENT`, and writes the answer as the last line. */
  runner: readonly string[]
  event: object
}

/** What a function makes of an event as it is deployed, in a process of its own with its own environment. */
export function invoke({ folder, artifact, fn, runner, event }: Call): unknown {
  const place = path.join(folder, artifact)
  unpack(path.join(work, "run", "production", "artifacts", artifact, "code.zip"), place)
  const { variables } = fn.inputs["environment"] as { variables: Record<string, string> }
  const out = execFileSync(process.execPath, runner, {
    cwd: place,
    encoding: "utf8",
    env: {
      ...variables,
      PATH: process.env["PATH"],
      AWS_REGION: "us-east-1",
      LAMBDA_HANDLER: String(fn.inputs["handler"]),
      LAMBDA_EVENT: JSON.stringify(event),
    },
  })
  return JSON.parse(out.slice(out.lastIndexOf("\n") + 1))
}
