import { createServer, request as ask } from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"

/**
 * Stands between the SDK's clients and moto: remembers what was asked, and plays what EC2 does and moto
 * doesn't. It has machines of some types only, and answers a client token with the machine that it had.
 */

export interface Asked {
  path: string
  /** What a call of EC2 or STS says; empty for other services. */
  params: URLSearchParams
  status: number
}

interface Answer {
  status: number
  type: string
  body: Buffer
}

/** Answers the code of an error, or nothing to let the call pass. */
export type Refusal = (params: URLSearchParams) => string | undefined

export async function start(target: string) {
  const asked: Asked[] = []
  const repeated = new Map<string, { body: string; answer: Promise<Answer> }>()
  let refuse: Refusal = () => undefined
  let rewrite = (body: string) => body

  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")
    const params = new URLSearchParams(isForm ? body.toString() : "")

    function pass() {
      const { method, headers } = request
      return new Promise<Answer>((resolve, reject) => {
        const call = ask(target + request.url, { method, headers }, async (answer) => {
          const received = await buffer(answer)
          const type = answer.headers["content-type"] ?? ""
          resolve({ status: answer.statusCode ?? 500, type, body: received })
        })
        call.on("error", reject).end(body)
      })
    }

    function answer() {
      const code = refuse(params)
      if (code) return problem(code)
      const token = params.get("ClientToken")
      if (!token) return pass()
      const before = repeated.get(token)
      if (before) return before.body === body.toString() ? before.answer : problem("IdempotentParameterMismatch")
      const first = pass()
      repeated.set(token, { body: body.toString(), answer: first })
      return first
    }

    const { status, type, body: text } = await answer()
    asked.push({ path: request.url ?? "", params, status })
    const isText = type.includes("xml")
    response.writeHead(status, { "content-type": type }).end(isText ? rewrite(text.toString()) : text)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    /** The calls of one action. */
    calls: (action: string) => asked.filter((item) => item.params.get("Action") === action),
    refuse: (next: Refusal) => void (refuse = next),
    /** Changes what answers say. */
    rewrite: (next: typeof rewrite) => void (rewrite = next),
  }
}

/** An error as EC2 writes it. */
async function problem(code: string): Promise<Answer> {
  const error = `<Errors><Error><Code>${code}</Code><Message>Said by the test</Message></Error></Errors>`
  const body = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?><Response>${error}<RequestID>1</RequestID></Response>`,
  )
  return { status: 400, type: "text/xml", body }
}
