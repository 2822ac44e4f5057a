import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts"

const sts = new STSClient()

/** What EC2 tells a machine of its role, for one machine after the other. */
export async function start() {
  let credentials: object = {}
  const server = createServer((request, response) => {
    if (request.method === "PUT") return response.end("a token of the metadata")
    const isToken = request.headers["x-aws-ec2-metadata-token"] === "a token of the metadata"
    if (!isToken) return response.writeHead(401).end()
    const isRole = request.url?.endsWith("/security-credentials/role")
    return response.end(isRole ? JSON.stringify(credentials) : "role")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  process.env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    /** From now on, this process runs on the machine `instanceID`, with a role of an account. */
    async become(instanceID: string, role: string, account = "123456789012") {
      const RoleArn = `arn:aws:iam::${account}:role/${role}`
      const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: instanceID }))
      credentials = {
        Code: "Success",
        Type: "AWS-HMAC",
        AccessKeyId: Credentials?.AccessKeyId,
        SecretAccessKey: Credentials?.SecretAccessKey,
        Token: Credentials?.SessionToken,
        Expiration: new Date(Date.now() + 3_600_000).toISOString(),
      }
    },
    stop: () => server.close(),
  }
}
