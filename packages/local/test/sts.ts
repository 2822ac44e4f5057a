import { createHash } from "node:crypto"
import { createServer, type IncomingMessage } from "node:http"
import { buffer } from "node:stream/consumers"
import { close, listen } from "../src/net.ts"

/** AWS's token service for one question: who signed this? `known` gives the ARN of whoever did, and nothing for others. */
export async function serve(known: (request: IncomingMessage) => string | undefined) {
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    // What was signed is the body as it came.
    request.headers["x-amz-content-sha256"] = createHash("sha256").update(body).digest("hex")
    const arn = known(request)
    const error = "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>"
    if (!arn) return response.writeHead(403).end(error)
    const result = `<GetCallerIdentityResult><Arn>${arn}</Arn></GetCallerIdentityResult>`
    response.end(`<GetCallerIdentityResponse>${result}</GetCallerIdentityResponse>`)
  })
  const port = await listen(server, { host: "127.0.0.1", port: 0 })
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) }
}
