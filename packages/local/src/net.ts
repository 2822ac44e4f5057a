import type { Server } from "node:http"

/** Listens, and answers the port. */
export async function listen(server: Server, address: { host: string; port: number }) {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen({ ...address, exclusive: true }, () => {
      server.off("error", reject)
      resolve()
    })
  })
  const bound = server.address()
  if (!bound || typeof bound === "string") throw new Error("The server has no port")
  return bound.port
}

/** Ends a server with all its connections. */
export async function close(server: Server) {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
