import { channel } from "node:diagnostics_channel"
import type { IncomingMessage, ServerResponse } from "node:http"

/** A request that some server of this process has answered. */
export interface Exchange {
  method: string
  url: string
  headers: IncomingMessage["headers"]
  body: Buffer
  status: number
  answer: Buffer
  /** From the request's head until the last byte of the answer was handed over. */
  ms: number
}

/** Watches every HTTP server of this process from now on, without changing what it does. */
export function observe(onExchange: (exchange: Exchange) => void) {
  channel("http.server.request.start").subscribe((message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse }
    const begun = performance.now()
    const body: Buffer[] = []
    const answer: Buffer[] = []
    tap(request, ["push"], body)
    tap(response, ["write", "end"], answer)
    response.once("close", () => {
      const { method = "", url = "", headers } = request
      onExchange({
        method,
        url,
        headers,
        body: Buffer.concat(body),
        status: response.statusCode,
        answer: Buffer.concat(answer),
        ms: performance.now() - begun,
      })
    })
  })
}

/** Notes the bytes that are handed to a stream's own functions. */
function tap<Stream extends object>(stream: Stream, names: (keyof Stream)[], chunks: Buffer[]) {
  for (const name of names) {
    const original = stream[name]
    if (typeof original !== "function") throw new Error(`The stream has no ${String(name)}`)
    const value = (...given: unknown[]) => {
      const [chunk] = given
      if (typeof chunk === "string" || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk))
      return Reflect.apply(original, stream, given)
    }
    Object.defineProperty(stream, name, { value, configurable: true, writable: true })
  }
}
