import { Client } from "@remote-swe/core/client"
import { type Proof, question } from "@remote-swe/core/identity/schema"
import { Logger } from "@remote-swe/core/logger"
import { Hash } from "@smithy/core/serde"
import { fromInstanceMetadata } from "@smithy/credential-provider-imds"
import { SignatureV4 } from "@smithy/signature-v4"
import type { Access } from "./config.ts"
import type { Clock } from "./model/retry.ts"

/** How long the launcher may take to write down which machine it started. */
const patienceMs = 3 * 60_000
/** Two proofs of one second are one, and good once. */
const pauseMs = 2_000

export interface Options {
  apiURL: string
  access: Extract<Access, { type: "machine" }>
  clock: Clock
  signal: AbortSignal
}

/** The session token that the API gives for a proof of what this machine is. */
export async function exchange({ apiURL, access, clock, signal }: Options) {
  const until = clock.now() + patienceMs
  for (;;) {
    const answer = await Client.token({ url: apiURL, proof: await prove(access, apiURL, clock) }).catch(early)
    if (!(answer instanceof Error)) return answer.token
    signal.throwIfAborted()
    if (clock.now() >= until) throw answer
    Logger.info("the API doesn't know this machine yet; asking again", { sessionID: access.sessionID })
    await clock.sleep(pauseMs, signal)
  }
}

/** Whoever comes before the launcher is refused like whoever is not who he says. */
function early(error: unknown) {
  if (error instanceof Client.ApiError && error.status === 403) return error
  throw error
}

async function prove(
  { sessionID, generation, region }: Options["access"],
  apiURL: string,
  clock: Clock,
): Promise<Proof> {
  const credentials = await fromInstanceMetadata({ ec2MetadataV1Disabled: true, timeout: 2_000, maxRetries: 5 })()
  const signer = new SignatureV4({
    credentials,
    region,
    service: "sts",
    sha256: Hash.bind(null, "sha256"),
    // The body's hash is signed all the same; a header that repeats it would be one more to send.
    applyChecksum: false,
  })
  const asked = question({ sessionID, generation }, { region, apiURL })
  const { headers } = await signer.sign(asked, { signingDate: new Date(clock.now()) })
  return {
    sessionID,
    generation,
    date: headers["x-amz-date"] ?? "",
    keyID: credentials.accessKeyId,
    securityToken: credentials.sessionToken ?? "",
    signature: /Signature=([0-9a-f]+)$/.exec(headers["authorization"] ?? "")?.[1] ?? "",
  }
}
