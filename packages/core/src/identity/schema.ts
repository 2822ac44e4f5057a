import * as v from "valibot"
import { Identifier } from "../identifier.ts"

/**
 * How a machine proves what it is, without a secret of ours: with the key of its role it signs a question
 * to AWS's token service, "who am I", and the API puts it. All of the question is fixed but for the key, the
 * date and the signature, so that it can ask nothing else, nobody else; a header that is signed with it names
 * the session, the generation and the API, so that it is worth nothing for another.
 */
export const Proof = v.strictObject({
  sessionID: Identifier.schema("session"),
  generation: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** When it was signed, such as 20260131T235959Z. Each proof is good once, and for a few minutes. */
  date: v.pipe(v.string(), v.regex(/^\d{8}T\d{6}Z$/, "Must be a date such as 20260131T235959Z")),
  keyID: v.pipe(v.string(), v.regex(/^\w{16,128}$/, "Must be the id of an access key")),
  securityToken: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,8192}$/, "Must be a security token")),
  signature: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "Must be 64 hexadecimal digits")),
})
export type Proof = v.InferOutput<typeof Proof>

/** What a proof is exchanged for. */
export const Access = v.strictObject({ token: v.string() })

/** Where a proof is good: the region in which the question is put, and the API for which. */
export interface Place {
  region: string
  apiURL: string
}

/** The question, as it is before it is signed. */
export function question({ sessionID, generation }: Pick<Proof, "sessionID" | "generation">, place: Place) {
  const hostname = `sts.${place.region}.amazonaws.com${place.region.startsWith("cn-") ? ".cn" : ""}`
  return {
    method: "POST",
    protocol: "https:",
    hostname,
    path: "/",
    headers: {
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
      host: hostname,
      "x-remote-swe-claim": `${sessionID}/${generation}@${place.apiURL}`,
    },
    body: "Action=GetCallerIdentity&Version=2011-06-15",
  }
}

/** The question as it was signed. */
export function signed(proof: Proof, place: Place) {
  const { date, keyID, securityToken, signature } = proof
  const asked = question(proof, place)
  const headers = { ...asked.headers, "x-amz-date": date, "x-amz-security-token": securityToken }
  const scope = `${keyID}/${date.slice(0, 8)}/${place.region}/sts/aws4_request`
  const names = Object.keys(headers).sort().join(";")
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${names}, Signature=${signature}`
  return { ...asked, headers: { ...headers, authorization } }
}
