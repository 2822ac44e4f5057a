import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { CreateTableCommand, type DynamoDBClient, ResourceInUseException } from "@aws-sdk/client-dynamodb"
import { definition } from "@remote-swe/core/dynamo/definition"
import dynalite from "dynalite"
import { repair } from "./repair.ts"
import type { Stream } from "./stream.ts"

/**
 * DynamoDB, in `folder`. `unclean`: the last process did not end by itself, so a write may have
 * reached an index and not its item, or the other way round.
 */
export async function open(folder: string, unclean: boolean, stream?: Stream) {
  if (unclean) await repair(folder)
  const server = dynalite({ path: folder, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  const [listener] = server.listeners("request")
  // Its own socket is never used; it must listen so that `close` ends the database in order.
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  server.removeAllListeners("request")
  server.on("request", (_, response) => response.writeHead(404).end())
  return {
    /** Answers a request whose body has been read: dynalite ends the process when a client hangs up. */
    handle(request: IncomingMessage, body: Buffer, response: ServerResponse) {
      const { method, url, headers } = request
      stream?.watch(request, body, response)
      const whole = Object.assign(Readable.from([body]), { method, url, headers })
      ;(listener as RequestListener)(whole as unknown as IncomingMessage, response)
    },
    async close() {
      await new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())))
    },
  }
}

/** Makes the table; harmless when it is there. */
export async function create(client: DynamoDBClient, TableName: string) {
  await client.send(new CreateTableCommand({ ...definition, TableName })).catch((error: unknown) => {
    if (!(error instanceof ResourceInUseException)) throw error
  })
}
