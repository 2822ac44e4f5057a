import { VisibleError } from "@remote-swe/core/error"
import { problem } from "@remote-swe/core/github/schema"
import type { Client } from "@remote-swe/core/client"
import type { Credential } from "./upstream.ts"

/**
 * What the API gives for `url`. Where the GitHub App is not installed there is nothing to give, and what is
 * public can be read without: why the rest cannot is told when it comes to that.
 */
export async function credential(client: Pick<Client.Worker, "credential">, url: string): Promise<Credential> {
  return client.credential(url).catch((error: unknown) => {
    if (error instanceof VisibleError && error.code === problem.installation) return { refusal: error.message }
    throw error
  })
}
