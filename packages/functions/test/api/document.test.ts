import SwaggerParser from "@apidevtools/swagger-parser"
import { expect, test } from "vitest"
import { security } from "../../src/api/common.ts"
import { app } from "../../src/api/app.ts"
import { call } from "./util.ts"
import { operations } from "./operation.ts"

test("the description is valid OpenAPI", async () => {
  const { json } = await call("GET", "/openapi.json")
  const parsed = await SwaggerParser.validate(json)
  expect(parsed.info.title).toBe("Remote SWE")
})

test("every route is described, with its own id, who may call it, and what it answers", async () => {
  const described = await operations()
  const routes = new Set(
    app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`),
  )
  const names = described.map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ":$1")}`)
  expect(new Set(names)).toEqual(routes)

  const ids = described.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { path, method, operation } of described) {
    const isPublic = ["/health", "/openapi.json", "/docs", "/worker/token"].some((end) => path === `/api/v1${end}`)
    const isWorker = path.startsWith("/api/v1/worker/")
    expect(operation.security, path).toEqual(isPublic ? security.public : isWorker ? security.worker : security.person)
    const codes = Object.keys(operation.responses)
    expect(codes, path).toContain("500")
    expect(
      codes.some((code) => code.startsWith("2")),
      path,
    ).toBe(true)
    if (!isPublic) expect(codes, path).toEqual(expect.arrayContaining(["400", "401", "403"]))
    if (method === "POST") expect(codes, path).toContain("413")
    if (method === "POST" && !isPublic) expect(codes, path).toContain("409")
    if (path.includes("{")) expect(codes, path).toContain("404")
  }
})

test("the documentation is one page without scripts that loads nothing", async () => {
  const { status, headers, text } = await call("GET", "/docs")
  expect(status).toBe(200)
  expect(headers.get("content-type")).toContain("text/html")
  expect(headers.get("content-security-policy")).toContain("default-src 'none'")
  expect(text).toContain("Start a session with its first message")
  expect(text).not.toMatch(/<script|<link|<img|src=|https?:\/\//i)
})
