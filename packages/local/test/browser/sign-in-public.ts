/// <reference lib="dom" />
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { createServer as createPlainServer, request } from "node:http"
import { createServer } from "node:https"
import os from "node:os"
import path from "node:path"
import type { Duplex } from "node:stream"
import { promisify } from "node:util"
import { close, listen } from "../../src/net.ts"
import { start as startSystem } from "../system.ts"
import { type Case, visiting } from "./harness.ts"
import * as Issuer from "./sign-in-issuer.ts"
import { expected, fillIn } from "./sign-in-system.ts"

/** A name that leads to this machine, in browsers and in Node. */
const host = "localhost"

export const cases: Case[] = [
  {
    name: "sign-in: behind a proxy with TLS, with cookies of this host alone, live updates and files",
    run: (world) =>
      behindProxy(async ({ url, key }) =>
        visiting(
          world,
          { isTrusting: true },
          async ({ page, context }) => {
            await page.goto(`${url}/new`)
            await fillIn(page, "bob")
            await page.waitForURL(`${url}/new`)
            const [cookie, ...more] = (await context.cookies(url)).filter(({ name }) => name.includes("swe_"))
            assert.deepEqual([cookie?.name, cookie?.secure, cookie?.httpOnly], ["__Host-swe_person", true, true])
            assert.deepEqual(more, [])
            await page.locator(".shell[data-link=up]").waitFor()
            const file = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("some notes") }
            await page.locator("input[type=file]").setInputFiles(file)
            await page.locator(".chip[aria-busy=false]", { hasText: "notes.txt" }).waitFor()
            const answer = await page.evaluate(async (secret) => {
              const headers = { "x-api-key": secret }
              return (await fetch("/api/v1/sessions", { headers })).status
            }, key)
            assert.equal(answer, 200)
            await page.getByRole("button", { name: "Signed in as" }).click()
            await page.getByRole("menuitem", { name: "Sign out" }).click()
            await page.getByRole("button", { name: "Yes, sign me out" }).click()
            await page.getByRole("heading", { name: "You are signed out" }).waitFor()
            assert.deepEqual(
              (await context.cookies(url)).filter(({ name }) => name.includes("swe_person")),
              [],
            )
          },
          expected,
        ),
      ),
  },
]

/** A system that others reach by a proxy with a certificate of its own. */
async function behindProxy(cb: (system: { url: string; key: string }) => Promise<void>) {
  const folder = await mkdtemp(path.join(os.tmpdir(), "swe-tls-"))
  const tls = await certificate(folder)
  const proxy = createProxy(tls)
  const issuer = await Issuer.start()
  const url = `https://${host}:${await listen(proxy.server, { host: "127.0.0.1", port: 0 })}`
  const port = await free()
  proxy.to(port)
  try {
    const system = await startSystem({
      home: path.join(folder, "home"),
      port,
      env: {
        ...{ HOST: "0.0.0.0", REMOTE_SWE_PUBLIC_URL: url, NODE_EXTRA_CA_CERTS: tls.file },
        ...{ OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: Issuer.client.id, OIDC_CLIENT_SECRET: Issuer.client.secret },
      },
    })
    issuer.serve(url)
    await cb({ url, key: system.key }).finally(() => system.end("SIGTERM"))
  } finally {
    await close(proxy.server)
    await issuer.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

async function certificate(folder: string) {
  const [keyFile, file] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")]
  const names = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`]
  const form = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
  await promisify(execFile)("openssl", ["req", "-x509", ...form, ...names, "-keyout", keyFile, "-out", file])
  return { file, key: await readFile(keyFile), cert: await readFile(file) }
}

/** Passes everything on as it came, sockets too. */
function createProxy(tls: { key: Buffer; cert: Buffer }) {
  const target = { host: "127.0.0.1", port: 0 }
  const server = createServer(tls, (from, answer) => {
    const { method, url: path, headers } = from
    const onward = request({ ...target, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.rawHeaders)
      response.pipe(answer)
    })
    onward.on("error", () => answer.writeHead(502).end())
    from.pipe(onward)
  })
  server.on("upgrade", ({ method, url: path, headers }, socket: Duplex, head: Buffer) => {
    const onward = request({ ...target, method, path, headers })
    onward.on("upgrade", ({ rawHeaders }, far: Duplex, first: Buffer) => {
      const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []))
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`)
      socket.write(first)
      far.write(head)
      far.on("error", () => socket.destroy()).pipe(socket)
      socket.on("error", () => far.destroy()).pipe(far)
    })
    onward.on("error", () => socket.destroy())
    onward.end()
  })
  return { server, to: (port: number) => void (target.port = port) }
}

/** A port that nobody has just now. */
async function free() {
  const server = createPlainServer()
  const port = await listen(server, { host: "127.0.0.1", port: 0 })
  await close(server)
  return port
}
