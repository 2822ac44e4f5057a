import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { Logger } from "@remote-swe/core/logger"
import { Aedes, type AuthenticateError, type AuthErrorCode, type Client } from "aedes"
import { createWebSocketStream, WebSocketServer } from "ws"
import { bridge } from "./bridge.ts"
import { allows, type Document } from "./policy.ts"

/** What IoT Core hands to its custom authoriser, and what that answers. */
export interface Connect {
  protocolData: { mqtt: { username: string; password: string; clientId: string } }
}
export interface Grant {
  isAuthenticated: boolean
  disconnectAfterInSeconds: number
  refreshAfterInSeconds: number
  policyDocuments: Document[]
}
export type Authorizer = (event: Connect, context: { invokedFunctionArn: string }) => Promise<Grant>

const place = "local:000000000000"
const context = { invokedFunctionArn: `arn:aws:lambda:${place}:function:authorizer` }
const arn = (kind: "topic" | "topicfilter", name: string) => `arn:aws:iot:${place}:${kind}/${name}`

/** As in IoT Core. */
export const maxBytes = 128 * 1024
const notAuthorized: AuthErrorCode = 5

/** IoT Core's broker over WebSocket, behind the authoriser. */
export async function create(authorizer: () => Promise<Authorizer>) {
  const clients = new WeakMap<Client, Session>()
  const may = (client: Client, action: string, resource: string) =>
    allows(clients.get(client)?.grant.policyDocuments ?? [], action, resource)

  const broker = await Aedes.createBroker({
    heartbeatInterval: 60_000,
    authenticate(client, username, password, done) {
      const connect: Connect = {
        protocolData: {
          mqtt: { username: username ?? "", password: password?.toString("base64") ?? "", clientId: client.id },
        },
      }
      const ask = async () => (await authorizer())(connect, context)
      ask().then(
        (grant) => {
          if (!grant.isAuthenticated) return done(refused(), false)
          clients.set(client, admit(client, grant, ask))
          done(null, true)
        },
        () => done(refused(), false),
      )
    },
    authorizeSubscribe(client, subscription, done) {
      const allowed = may(client, "iot:Subscribe", arn("topicfilter", subscription.topic))
      done(null, allowed ? subscription : null)
    },
    authorizePublish(client, packet, done) {
      const allowed = client && may(client, "iot:Publish", arn("topic", packet.topic))
      done(allowed ? null : new Error("Not authorised"))
    },
    authorizeForward: (client, packet) => (may(client, "iot:Receive", arn("topic", packet.topic)) ? packet : null),
  })
  broker.on("clientDisconnect", (client) => clients.get(client)?.end())
  broker.on("clientError", (client, error) => Logger.info("a realtime client was dropped", { reason: error.message }))

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 2 * maxBytes,
    handleProtocols: (offered) => (offered.has("mqtt") ? "mqtt" : false),
  })
  sockets.on("connection", (socket, request) => {
    const stream = createWebSocketStream(socket)
    // Ends of sockets are events of the client; here they only must not end the process.
    stream.on("error", () => socket.terminate())
    broker.handle(bridge(stream), request)
  })

  return {
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
      sockets.handleUpgrade(request, socket, head, (client) => sockets.emit("connection", client, request))
    },
    publish(topic: string, payload: Buffer) {
      return new Promise<void>((resolve, reject) =>
        broker.publish({ cmd: "publish", topic, payload, qos: 1, retain: false, dup: false }, (error) =>
          error ? reject(error) : resolve(),
        ),
      )
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      await new Promise<void>((resolve) => broker.close(resolve))
    },
  }
}

export type Broker = Awaited<ReturnType<typeof create>>

interface Session {
  grant: Grant
  end(): void
}

/** IoT asks the authoriser again now and then, and ends a connection that is no longer welcome. */
function admit(client: Client, grant: Grant, ask: () => Promise<Grant>): Session {
  const refresh = setInterval(async () => {
    const next = await ask().catch(() => undefined)
    if (next?.isAuthenticated) session.grant = next
    else client.close()
  }, grant.refreshAfterInSeconds * 1000)
  const limit = setTimeout(() => client.close(), grant.disconnectAfterInSeconds * 1000)
  const session: Session = {
    grant,
    end() {
      clearInterval(refresh)
      clearTimeout(limit)
    },
  }
  return session
}

function refused(): AuthenticateError {
  return Object.assign(new Error("Not authorised"), { returnCode: notAuthorized })
}
