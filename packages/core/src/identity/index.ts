export * as Identity from "./index.ts"
import { GetCallerIdentityCommand, STSClient, STSServiceException } from "@aws-sdk/client-sts"
import { Resource } from "sst"
import { type Proof, signed } from "./schema.ts"

export * from "./schema.ts"

/** What the signer of a question gets from AWS's own clients. */
interface Request {
  headers: Record<string, string>
  body?: unknown
}

/** The ARN by which AWS knows whoever signed the proof; undefined where it knows nobody. */
export async function caller(proof: Proof): Promise<string | undefined> {
  const client = new STSClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000 },
    // Nothing of ours signs it: the question is put as it came.
    credentials: { accessKeyId: proof.keyID, secretAccessKey: "" },
    signer: {
      async sign<Asked>(request: Asked) {
        const { headers, body } = signed(proof, {
          region: await client.config.region(),
          apiURL: Resource.Settings.apiURL,
        })
        return Object.assign(request as Asked & Request, { headers, body })
      },
    },
  })
  try {
    const { Arn } = await client.send(new GetCallerIdentityCommand())
    return Arn
  } catch (error) {
    if (error instanceof STSServiceException && (error.$metadata.httpStatusCode ?? 500) < 500) return
    throw error
  } finally {
    client.destroy()
  }
}
