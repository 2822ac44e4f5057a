import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { json } from "node:stream/consumers"
import { account } from "./aws.ts"
import { type Build, make } from "./function.ts"
import type { Built, Question } from "./result.ts"

/** The sst command's part: components ask it, over loopback, to build functions and where its own buckets are. */

export async function serve(question: Question, built: Built[]) {
  const server = createServer(async (request, response) => {
    // Kept alive, sockets would hold up the end of the program.
    response.setHeader("connection", "close")
    const body = (await json(request)) as { method: string; params: [unknown] }
    const reply = await answer(body.method, body.params[0], question, built).then(
      (result) => ({ result, error: null }),
      (error: unknown) => ({ result: null, error: String(error) }),
    )
    response.end(JSON.stringify(reply))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  server.unref()
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function answer(method: string, params: unknown, question: Question, built: Built[]) {
  switch (method) {
    case "Provider.Aws.Bootstrap":
      return {
        version: 5,
        asset: "sst-asset-mock",
        state: "sst-state-mock",
        assetEcrRegistryId: account,
        assetEcrUrl: `${account}.dkr.ecr.${question.region}.amazonaws.com/sst-asset`,
      }
    case "Provider.Aws.Appsync":
      return { http: "appsync.example.com", realtime: "appsync-realtime.example.com" }
    case "Runtime.AddTarget":
      return true
    case "Runtime.Build":
      return make(params as Build, question, built)
    default:
      throw new Error(`rpc: can't find method ${method}`)
  }
}
