/** `echo.ts <address> <port> …`: answers "heard" there, by TCP and UDP, until its standard input ends. */
import { createSocket } from "node:dgram"
import { once } from "node:events"
import { createServer, isIPv6 } from "node:net"

const heard = "heard\n"
const given = process.argv.slice(2)

for (let index = 0; index < given.length; index += 2) {
  const [host = "", port] = given.slice(index, index + 2)
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy())
    socket.end(heard)
    socket.resume()
  })
  server.listen(Number(port), host)
  await once(server, "listening")
  // An answer comes from the address that was asked: so there is a socket for each.
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4")
  socket.on("message", (_, from) => socket.send(heard, from.port, from.address))
  socket.bind(Number(port), host)
  await once(socket, "listening")
}

process.stdout.write("ready\n")
process.stdin.resume().on("end", () => process.exit())
