import { once } from "node:events"
import { connect } from "node:net"
import { text } from "node:stream/consumers"
import { describe, expect, test } from "vitest"
import { Egress } from "../../src/egress/index.ts"
import { internet as real } from "../../src/egress/reach.ts"
import { basic, echo, get, host, internet, open, say, tunnel } from "./world.ts"

/** A host that is allowed, one that isn't, and a command. */
async function world(names: Record<string, string[]> = {}) {
  const { port, server, connections } = await host()
  const web = internet({ "a.example": ["127.0.0.1"], "b.example": ["127.0.0.1"], ...names })
  const { egress, refusals } = await open(web.way, [`a.example:${port}`, `*.c.example:${port}`])
  const { proxy } = egress.begin({ script: "curl" })
  return { ...{ port, server, connections, egress, refusals, proxy }, asked: web.asked }
}

describe("a request through the proxy", () => {
  test("reaches an allowed host, as it was", async () => {
    const { port, proxy, refusals } = await world()
    const headers = { "x-own": "1", connection: "x-hop", "x-hop": "2", "proxy-connection": "keep-alive" }
    const sent = { method: "POST", headers, body: "some words" }
    const answer = await get(proxy, `http://A.example.:${port}/a//b/../c?d=%20e`, sent)
    expect(answer.status).toBe(200)
    const seen = JSON.parse(answer.text)
    expect(seen).toMatchObject({ method: "POST", url: "/a//b/../c?d=%20e", body: "some words" })
    expect(seen.headers).toMatchObject({ host: `a.example:${port}`, "x-own": "1" })
    for (const name of ["proxy-authorization", "proxy-connection", "x-hop"])
      expect(seen.headers).not.toHaveProperty(name)
    expect(refusals).toEqual([])
  })

  test("has one host, whatever its Host header says", async () => {
    const { port, proxy } = await world()
    const answer = await get(proxy, `http://a.example:${port}`, { headers: { host: "b.example" } })
    expect(JSON.parse(answer.text)).toMatchObject({ url: "/", headers: { host: `a.example:${port}` } })
  })

  test("carries a body of any length, and an answer of any length", async () => {
    const { port } = await host((asked, response) => void asked.pipe(response))
    const { egress } = await open(internet({ "a.example": ["127.0.0.1"] }).way, [`a.example:${port}`])
    const body = "0123456789".repeat(300_000)
    for (const headers of [{}, { "transfer-encoding": "chunked" }] as Record<string, string>[]) {
      const answer = await get(egress.begin({ script: "curl" }).proxy, `http://a.example:${port}/`, {
        ...{ method: "PUT", headers, body },
      })
      expect(answer.text === body).toBe(true)
    }
  })

  test("is refused for a host that is not on the list, in words, and without asking for its address", async () => {
    const { port, proxy, refusals, asked } = await world()
    const answer = await get(proxy, `http://B.Example:${port}/secret?x`)
    expect(answer).toMatchObject({ status: 403, headers: { "content-type": "text/plain; charset=utf-8" } })
    expect(answer.text).toMatch(new RegExp(`^b.example:${port} is not on the list .* user has been told .* ask`))
    expect(answer.text).not.toContain("secret")
    expect(refusals).toEqual([{ host: "b.example", port, why: "domain", scripts: ["curl"] }])
    expect(asked).toEqual([])
  })

  test("is looked at anew on a connection that is kept", async () => {
    const { port, proxy, connections } = await world()
    const lines = (name: string) =>
      `GET http://${name}:${port}/ HTTP/1.1\r\nHost: ${name}\r\nProxy-Authorization: ${basic(proxy)}\r\n`
    const answers = await say(proxy, `${lines("a.example")}\r\n${lines("b.example")}Connection: close\r\n\r\n`)
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 403"])
    expect(connections.size).toBe(1)
  })

  test("hears of a host that does not answer, or is not there", async () => {
    const { port, proxy, server, refusals } = await world()
    expect(await get(proxy, `http://x.c.example:${port}/`)).toMatchObject({
      status: 502,
      text: expect.stringContaining("there is no such host"),
    })
    server.close()
    server.closeAllConnections()
    expect(await get(proxy, `http://a.example:${port}/`)).toMatchObject({
      status: 502,
      text: expect.stringMatching(/cannot be reached: ECONNREFUSED/),
    })
    expect(refusals).toEqual([])
  })

  test.each([
    "/",
    "*",
    "https://a.example/",
    "ftp://a.example/",
    "http:///",
    "http://user@a.example/",
    "http://a.example:0/",
  ])("for %s is none for a proxy", async (url) => {
    const { proxy, refusals } = await world()
    expect(await get(proxy, url)).toMatchObject({ status: 400, text: expect.stringContaining("This is a proxy") })
    expect(refusals).toEqual([])
  })
})

describe("a tunnel through the proxy", () => {
  test("carries bytes both ways, and ends when both sides have", async () => {
    const port = await echo()
    const { egress } = await open(internet({ "a.example": ["127.0.0.1"] }).way, [`a.example:${port}`])
    const { status, socket } = await tunnel(egress.begin({ script: "git" }).proxy, `A.EXAMPLE:${port}`)
    expect(status).toBe(200)
    socket?.write("hello ")
    socket?.end("world")
    expect(socket && (await text(socket))).toBe("hello world")
  })

  test("takes what was sent before it stood", async () => {
    const port = await echo()
    const { egress } = await open(internet({ "a.example": ["127.0.0.1"] }).way, [`a.example:${port}`])
    const { proxy } = egress.begin({ script: "git" })
    const socket = connect(Number(new URL(proxy).port), "127.0.0.1")
    socket.end(`CONNECT a.example:${port} HTTP/1.1\r\nProxy-Authorization: ${basic(proxy)}\r\n\r\nat once`)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 .*\r\n\r\nat once$/)
  })

  test("goes when either side goes", async () => {
    const { port, proxy, server, connections } = await world()
    const first = await tunnel(proxy, `a.example:${port}`)
    const [far] = connections
    first.socket?.destroy()
    if (far && !far.destroyed) await once(far, "close")
    const second = await tunnel(proxy, `a.example:${port}`)
    const gone = second.socket && once(second.socket, "close")
    server.closeAllConnections()
    for (const item of connections) item.destroy()
    second.socket?.resume()
    await gone
  })

  test.each([
    ["b.example", "domain"],
    ["a.example.b.example", "domain"],
    ["c.example", "domain"],
    ["localhost", "domain"],
    ["127.0.0.1", "address"],
    ["0x7f.1", "address"],
    ["2130706433", "address"],
    ["[::1]", "address"],
    ["[::ffff:127.0.0.1]", "address"],
  ])("to %s is refused", async (name, why) => {
    const { port, proxy, refusals, connections, asked } = await world()
    const words = `CONNECT ${name}:${port} HTTP/1.1\r\nProxy-Authorization: ${basic(proxy)}\r\n\r\n`
    expect(await say(proxy, words)).toMatch(/^HTTP\/1\.1 403 Refused by the list [^]*\r\n\r\n\S+ is n.* The user has/)
    expect(refusals).toMatchObject([{ port, why }])
    expect([connections.size, asked]).toEqual([0, []])
  })

  test("to another port of an allowed host is refused", async () => {
    const { port, proxy, refusals } = await world()
    for (const other of [80, 443, port + 1 > 65_535 ? port - 1 : port + 1])
      expect(await tunnel(proxy, `a.example:${other}`)).toMatchObject({ status: 403 })
    expect(refusals).toHaveLength(3)
  })

  test.each(["a.example", "a.example:", "a.example:0", "a.example:65536", "a.example:http", ":80", "a:b@a.example:80"])(
    "to %s is none",
    async (target) => {
      const { proxy, refusals } = await world()
      expect(await say(proxy, `CONNECT ${target} HTTP/1.1\r\nProxy-Authorization: ${basic(proxy)}\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 400 /,
      )
      expect(refusals).toEqual([])
    },
  )
})

describe("where a name leads", () => {
  test("matters as well: an allowed name of an inner address is refused", async () => {
    const { port, proxy, refusals, asked } = await world({ "x.c.example": ["10.0.0.1", "169.254.169.254", "fe80::1"] })
    const answer = await get(proxy, `http://x.c.example:${port}/`)
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining("no public address") })
    expect(await tunnel(proxy, `x.c.example:${port}`)).toMatchObject({ status: 403 })
    expect(refusals[0]).toEqual({ host: "x.c.example", port, why: "address", scripts: ["curl"] })
    expect(asked).toEqual(["x.c.example", "x.c.example"])
  })

  test("is asked once, and what was looked at is connected to", async () => {
    const { port } = await host()
    const answers = [["127.0.0.1"], ["10.0.0.1"]]
    const way: Egress.Way = {
      resolve: async () => answers.shift() ?? [],
      isOpen: (address) => address === "127.0.0.1",
    }
    const { egress } = await open(way, [`a.example:${port}`])
    const { proxy } = egress.begin({ script: "curl" })
    expect(await get(proxy, `http://a.example:${port}/`)).toMatchObject({ status: 200 })
    expect(await get(proxy, `http://a.example:${port}/`)).toMatchObject({ status: 403 })
  })

  test("may be several addresses: only public ones are tried, until one answers", async () => {
    const { port, proxy } = await world({ "x.c.example": ["10.0.0.1", "::1", "127.0.0.1"] })
    expect(await get(proxy, `http://x.c.example:${port}/`)).toMatchObject({ status: 200 })
  })

  test("is, of the internet, nowhere within this machine or its network", () => {
    for (const address of ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00:ec2::254", "::ffff:127.0.0.1"])
      expect([address, real.isOpen(address)]).toEqual([address, false])
    expect(real.isOpen("8.8.8.8")).toBe(true)
  })
})

describe("who asks", () => {
  test("is a command with its own credential; nobody else is answered or written down", async () => {
    const { port, proxy, egress, refusals, asked } = await world()
    const other = egress.begin({ script: "wget" }).proxy
    const mixed = new URL(proxy)
    mixed.password = new URL(other).password
    const strangers = ["", "Basic ", "Basic !", "Bearer x", `Basic ${Buffer.from("command-1").toString("base64")}`]
    for (const authorization of [...strangers, basic(mixed.href), basic(proxy).toLowerCase()])
      for (const name of ["a.example", "b.example"]) {
        const headers = { "proxy-authorization": authorization }
        const answer = await get(proxy, `http://${name}:${port}/`, { headers })
        expect(answer).toMatchObject({ status: 407, headers: { "proxy-authenticate": 'Basic realm="commands"' } })
        expect(await tunnel(proxy, `${name}:${port}`, headers)).toMatchObject({ status: 407 })
      }
    expect([refusals, asked]).toEqual([[], []])
  })

  test("is told apart from others, also when it has ended and something of it goes on", async () => {
    const { port, egress, refusals } = await world()
    const tickets = Array.from({ length: 20 }, (_, index) => egress.begin({ script: `curl ${index}` }))
    for (const ticket of tickets) ticket.end()
    await Promise.all(tickets.map(({ proxy }, index) => tunnel(proxy, `b${index}.example:${port}`)))
    for (const { host, scripts } of refusals) expect([`curl ${host.slice(1, -8)}`]).toEqual(scripts)
    expect(refusals).toHaveLength(20)
  })
})

describe("what is allowed", () => {
  test("is nothing before the list is known", async () => {
    const { port } = await host()
    const egress = await Egress.open(internet({ "a.example": ["127.0.0.1"] }).way)
    expect(await tunnel(egress.begin({ script: "curl" }).proxy, `a.example:${port}`)).toMatchObject({ status: 403 })
    const refusals: unknown[] = []
    egress.listen((refusal) => refusals.push(refusal))
    expect(refusals).toHaveLength(1)
    await egress.close()
  })

  test("changes at once", async () => {
    const { port, proxy, egress } = await world()
    const ask = async () => (await get(proxy, `http://b.example:${port}/`)).status
    expect(await ask()).toBe(403)
    egress.allow([`b.example:${port}`])
    expect(await ask()).toBe(200)
    egress.allow([])
    expect(await ask()).toBe(403)
  })
})

describe("the proxy", () => {
  test("takes no header without end, and no nonsense", async () => {
    const { proxy, port } = await world()
    const long = `GET http://a.example:${port}/ HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`
    for (const words of [long, "\0\0\0\0\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n"])
      expect(await say(proxy, words).catch(() => "")).not.toMatch(/ 200 /)
  })

  test("closes with all that goes through it", async () => {
    const port = await echo()
    const egress = await Egress.open(internet({ "a.example": ["127.0.0.1"] }).way)
    egress.allow([`a.example:${port}`])
    const { proxy } = egress.begin({ script: "curl" })
    const { socket } = await tunnel(proxy, `a.example:${port}`)
    const gone = socket && once(socket, "close")
    await egress.close()
    socket?.resume()
    await gone
    await expect(get(proxy, `http://a.example:${port}/`)).rejects.toThrow("ECONNREFUSED")
  })

  test("lets a WebSocket's first words through a tunnel", async () => {
    const { port, server } = await host()
    server.on("upgrade", (_request, socket) => {
      socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nframes")
    })
    const { egress } = await open(internet({ "a.example": ["127.0.0.1"] }).way, [`a.example:${port}`])
    const { socket } = await tunnel(egress.begin({ script: "node" }).proxy, `a.example:${port}`)
    socket?.write("GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    expect(socket && (await text(socket))).toMatch(/^HTTP\/1\.1 101[^]*frames$/)
  })
})
