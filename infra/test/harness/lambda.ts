import { PassThrough } from "node:stream"
import { text } from "node:stream/consumers"
import path from "node:path"
import { pathToFileURL } from "node:url"

/** Answers one event with the function that lies in the working directory, as Lambda's streaming runtime would. */

interface Meta {
  statusCode: number
  headers: Record<string, string>
}
type Handler = (event: unknown, stream: PassThrough, context: object) => Promise<unknown>

let meta: Meta = { statusCode: 200, headers: {} }
Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: Handler) => handler,
    HttpResponseStream: {
      from(stream: PassThrough, given: Meta) {
        meta = given
        return stream
      },
    },
  },
})

const [file = "", name = ""] = (process.env["LAMBDA_HANDLER"] ?? "").split(".")
const module: Record<string, Handler> = await import(pathToFileURL(path.resolve(`${file}.mjs`)).href)
const stream = new PassThrough()
const body = text(stream)
await module[name]?.(JSON.parse(process.env["LAMBDA_EVENT"] ?? "{}"), stream, {
  getRemainingTimeInMillis: () => 60_000,
})
stream.end()
process.stdout.write(`\n${JSON.stringify({ ...meta, body: await body })}`)
process.exit()
