import { describe, expect, test } from "vitest"
import { File } from "../../src/file/index.ts"
import { Identifier } from "../../src/identifier.ts"
import { Session } from "../../src/session/index.ts"
import { as, owner, worker } from "../util.ts"

const create = (input: Parameters<typeof File.create>[0]) => as(owner, () => File.create(input))
const claim = (sessionID: string, files: File.Ref[]) => as(owner, () => File.claim({ sessionID, files }))
const start = async () => (await as(owner, () => Session.create({ message: "Hi" }))).id

async function upload(name: string, type: string, text: string, sessionID?: string) {
  const size = Buffer.byteLength(text)
  const { file, upload } = await create({ name, type, size, ...(sessionID && { sessionID }) })
  const answer = await fetch(upload.url, { method: "PUT", headers: upload.headers, body: text })
  expect(answer.status).toBe(200)
  return file
}
const download = async (id: string, sessionID?: string) => {
  const { url } = await as(owner, () => File.fromID({ id, ...(sessionID && { sessionID }) }))
  return fetch(url)
}

describe("a file", () => {
  test("goes up and comes down by addresses of the bucket", async () => {
    const file = await upload("notes.txt", "text/plain", "héllo")
    expect(file).toMatchObject({ name: "notes.txt", type: "text/plain", size: 6 })
    expect(await (await download(file.id)).text()).toBe("héllo")
  })

  test.each([
    ["page.html", "text/html", "text/plain; charset=utf-8"],
    ["drawing.svg", "image/svg+xml", "application/octet-stream"],
    ["page.xhtml", "application/xhtml+xml", "application/octet-stream"],
    ["code.js", "application/javascript", "application/octet-stream"],
    ["shot.png", "image/png", "image/png"],
    ["SHOT.PNG", "IMAGE/PNG", "image/png"],
  ])("is served as something that runs no script: %s", async (name, type, served) => {
    const file = await upload(name, type, "<script>alert(1)</script>")
    const { headers } = await download(file.id)
    expect(headers.get("content-type")).toBe(served)
    expect(headers.get("content-disposition")).toMatch(/^attachment; /)
  })

  test("keeps its name, whatever is in it", async () => {
    const name = `a"b'c; d=(e)*%20\u00e9\u6f22.txt`
    const file = await upload(name, "text/plain", "x")
    const disposition = (await download(file.id)).headers.get("content-disposition") ?? ""
    expect(decodeURIComponent(/filename\*=UTF-8''(\S+)$/.exec(disposition)?.[1] ?? "")).toBe(name)
    expect(disposition).toMatch(/^attachment; filename="[^"]*"; filename\*=UTF-8''[\w!#$&+.^`|~%-]+$/)
  })
})

describe("a file of a message", () => {
  test("becomes the session's own, as it is stored and not as it is told", async () => {
    const file = await upload("a.txt", "text/plain", "abc")
    const id = await start()
    const told = { ...file, name: "b.html", type: "text/html", size: 99 }
    expect(await claim(id, [told])).toEqual([file])
    expect(await claim(id, [told])).toEqual([file])
    expect(await (await download(file.id, id)).text()).toBe("abc")
  })

  test("is one file, however often the message names it", async () => {
    const file = await upload("a.txt", "text/plain", "abc")
    expect(await claim(await start(), [file, file, file])).toEqual([file])
  })

  test("must have been uploaded, whole", async () => {
    const id = await start()
    const { file } = await create({ name: "a.txt", type: "text/plain", size: 3 })
    await expect(claim(id, [file])).rejects.toMatchObject({ kind: "input", code: "file.empty" })
    const { file: short, upload } = await create({ name: "a.txt", type: "text/plain", size: 3 })
    await fetch(upload.url, { method: "PUT", headers: upload.headers, body: "abcdef" })
    await expect(claim(id, [short])).rejects.toMatchObject({ kind: "input", code: "file.size" })
    const nothing = { ...file, id: Identifier.create("file") }
    await expect(claim(id, [nothing])).rejects.toMatchObject({ kind: "input", code: "file.missing" })
  })

  test("goes when the session goes, and copies of it stay", async () => {
    const file = await upload("a.txt", "text/plain", "abc")
    const [first, second] = [await start(), await start()]
    await claim(first, [file])
    await as(owner, () => File.copy(first, second))
    await as(owner, () => Session.remove(first))
    await expect(download(file.id, first)).rejects.toMatchObject({ code: "file.missing" })
    expect(await (await download(file.id, second)).text()).toBe("abc")
  })
})

test("a worker sees the files of its own session only", async () => {
  const [mine, other] = [await start(), await start()]
  const file = await upload("a.txt", "text/plain", "abc", other)
  const read = (sessionID?: string) => as(worker(mine), async () => File.fromID({ id: file.id, sessionID }))
  await expect(read(mine)).rejects.toMatchObject({ kind: "missing" })
  await expect(read(other)).rejects.toMatchObject({ kind: "forbidden" })
  await expect(read()).rejects.toMatchObject({ kind: "forbidden" })
  const write = as(worker(mine), async () => File.create({ name: "a", type: "a/b", size: 1, sessionID: other }))
  await expect(write).rejects.toMatchObject({ kind: "forbidden" })
})
