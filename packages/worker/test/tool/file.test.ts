import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { EditTool } from "../../src/tool/edit.ts"
import { GlobTool } from "../../src/tool/glob.ts"
import { GrepTool } from "../../src/tool/grep.ts"
import { ReadTool } from "../../src/tool/read.ts"
import { WriteTool } from "../../src/tool/write.ts"
import { sh, type World, world } from "../sandbox/world.ts"
import { call, text } from "./call.ts"

const put = (session: World, path: string, content: string | Uint8Array) =>
  session.sandbox.writeFile(path, Buffer.from(content))
const got = (session: World, path: string) => readFileSync(join(session.sandbox.root, path))

describe("read", () => {
  it("numbers lines, and says where to go on", async () => {
    const session = await world()
    await put(session, "a.txt", Array.from({ length: 5 }, (_, at) => `line ${at + 1}`).join("\r\n"))
    expect(await text(session, ReadTool, { path: "a.txt", offset: 2, limit: 2 })).toBe(
      "     2\tline 2\n     3\tline 3\n[5 lines in all; go on with offset 4]",
    )
    expect(await text(session, ReadTool, { path: join(session.sandbox.root, "a.txt"), offset: 5 })).toBe(
      "     5\tline 5",
    )
    await expect(text(session, ReadTool, { path: "a.txt", offset: 6 })).rejects.toThrow("has 5 lines; offset 6")
  })

  it("is bounded by lines, by characters, and within a line", async () => {
    const session = await world()
    await put(session, "many", "x\n".repeat(10_000))
    expect(await text(session, ReadTool, { path: "many" })).toMatch(
      / 2000\tx\n\[10000 lines in all; go on with offset 2001\]$/,
    )
    await put(session, "long", `${"y".repeat(100_000)}\nend\n`)
    expect(await text(session, ReadTool, { path: "long" })).toMatch(/^ {5}1\ty{2000}… \[cut\]\n {5}2\tend$/)
    await put(session, "wide", `${"z".repeat(1_900)}\n`.repeat(100))
    const wide = await text(session, ReadTool, { path: "wide" })
    expect(wide.length).toBeLessThan(30_000)
    expect(wide).toMatch(/go on with offset \d+\]$/)
  })

  it("knows folders, empty, missing and binary files", async () => {
    const session = await world()
    await put(session, "src/deep/name.ts", "")
    await put(session, "blob", Buffer.from([1, 0, 2]))
    expect(await text(session, ReadTool, { path: "src" })).toBe("src is a folder:\ndeep/")
    expect(await text(session, ReadTool, { path: "src/deep/name.ts" })).toBe("(the file is empty)")
    await expect(text(session, ReadTool, { path: "name.ts" })).rejects.toThrow(
      "There is no name.ts. Did you mean: src/deep/name.ts?",
    )
    await expect(text(session, ReadTool, { path: "blob" })).rejects.toThrow("blob is a binary file of 3 bytes")
  })

  it("hands images and PDF files over as they are", async () => {
    const session = await world()
    await put(session, "shot.PNG", Buffer.from("89504e470d0a1a0a", "hex"))
    await put(session, "paper.pdf", "%PDF-1.7")
    const image = await call(session, ReadTool, { path: "shot.PNG" })
    expect(image.content).toMatchObject([{ type: "image", file: { name: "shot.PNG", type: "image/png", size: 8 } }])
    const paper = await call(session, ReadTool, { path: "paper.pdf" })
    expect(paper.content).toMatchObject([{ type: "file", file: { type: "application/pdf" } }])
  })
})

describe("write", () => {
  it("creates and replaces, and shows what changed", async () => {
    const session = await world()
    const created = await call(session, WriteTool, { path: "a/b.txt", content: "one\ntwo\n" })
    expect(created.content).toEqual([{ type: "text", text: "Created a/b.txt (2 lines)." }])
    expect(created.view?.patch).toBe("--- /dev/null\n+++ b/a/b.txt\n@@ -0,0 +1,2 @@\n+one\n+two\n")
    const replaced = await call(session, WriteTool, { path: "a/b.txt", content: "one\n2\n" })
    expect(replaced.content).toEqual([{ type: "text", text: "Replaced a/b.txt (2 lines)." }])
    expect(replaced.view?.patch).toBe("--- a/a/b.txt\n+++ b/a/b.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n")
    await expect(text(session, WriteTool, { path: "a", content: "" })).rejects.toThrow("a is not a file")
    await expect(text(session, WriteTool, { path: "/etc/x", content: "" })).rejects.toThrow("can be written")
  })

  it("keeps the mode of a file", async () => {
    const session = await world()
    await sh(session.sandbox, "echo old > run.sh; chmod 755 run.sh")
    await call(session, WriteTool, { path: "run.sh", content: "new" })
    expect(await sh(session.sandbox, "stat -c %a run.sh")).toBe("755\n")
  })
})

describe("edit", () => {
  const edit = async (content: string | Uint8Array, input: { old: string; new: string; all?: boolean }) => {
    const session = await world()
    await put(session, "f.ts", content)
    const output = await call(session, EditTool, { path: "f.ts", ...input }).catch((error: Error) => error.message)
    return { output, file: got(session, "f.ts").toString() }
  }

  it("replaces what is there once, exactly", async () => {
    const { output, file } = await edit("a\nb\nc\n", { old: "b", new: "B" })
    expect(file).toBe("a\nB\nc\n")
    expect(output).toMatchObject({ view: { patch: "--- a/f.ts\n+++ b/f.ts\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n" } })
  })

  it("takes new text for what it is", async () => {
    const strange = "$& $$ $1 $` $' \\n"
    expect((await edit("cost = x", { old: "x", new: strange })).file).toBe(`cost = ${strange}`)
    expect((await edit("x x", { old: "x", new: strange, all: true })).file).toBe(`${strange} ${strange}`)
  })

  it("keeps CRLF, whichever line ends it is given", async () => {
    const crlf = "one\r\ntwo\r\nthree\r\n"
    expect((await edit(crlf, { old: "one\ntwo", new: "1\n2" })).file).toBe("1\r\n2\r\nthree\r\n")
    expect((await edit(crlf, { old: "one\r\ntwo", new: "1\r\n2" })).file).toBe("1\r\n2\r\nthree\r\n")
    expect((await edit(crlf, { old: "two", new: "2\n2.5" })).file).toBe("one\r\n2\r\n2.5\r\nthree\r\n")
    expect((await edit("a\nb\r\nc\n", { old: "a", new: "1\n2" })).file).toBe("1\n2\nb\r\nc\n")
  })

  it("keeps a byte order mark, and refuses what is not text", async () => {
    expect((await edit("\ufeffab", { old: "a", new: "x" })).file).toBe("\ufeffxb")
    const binary = await edit(Buffer.from([0xff, 0xfe, 65]), { old: "A", new: "B" })
    expect(binary.output).toBe("f.ts is not a text file.")
  })

  it("says how often and where, when it is not unique", async () => {
    const { output, file } = await edit("x\ny\nx\n", { old: "x", new: "z" })
    expect(output).toBe("`old` is 2 times in f.ts (lines 1, 3). Give more of what is around it, or all: true.")
    expect(file).toBe("x\ny\nx\n")
    expect((await edit("x\ny\nx\n", { old: "x", new: "z", all: true })).file).toBe("z\ny\nz\n")
  })

  it("helps when it is not there", async () => {
    const code = "function add(a, b) {\n\treturn a + b\n}\n\nfunction sub(a, b) {\n\treturn a - b\n}\n"
    const miss = async (old: string) => (await edit(code, { old, new: "" })).output
    expect(await miss("function add(a, b) {\n    return a + b\n}")).toBe(
      "`old` is not in f.ts exactly: at line 1 only the white space differs. In the file it is:\n```\nfunction add(a, b) {\n\treturn a + b\n}\n```",
    )
    expect(await miss("function sub(a, b) {\n\treturn b - a\n}")).toContain(
      "The most similar place is line 5:\n```\nfunction sub(a, b) {",
    )
    expect(await miss("     1\tfunction add(a, b) {")).toContain("line numbers that read shows")
    expect(await miss("import nothing from 'nowhere'")).toContain("nor anything like it")
    expect((await edit("a", { old: "a", new: "a" })).output).toContain("nothing would change")
  })
})

const layouts = ["ripgrep", "no ripgrep"] as const

describe.each(layouts)("search with %s", (layout) => {
  async function tree() {
    const session = await world()
    const { sandbox } = session
    for (const path of ["src/a.ts", "src/deep/b.ts", "src/deep/c.js", ".hidden/d.ts", "e f.md"])
      await put(session, path, `one ${path}\nTwo\n`)
    await sh(
      sandbox,
      "mkdir -p .git node_modules/x && echo one > .git/config.ts && echo one > node_modules/x/i.ts; printf 'one\\0' > bin.ts",
    )
    if (layout === "ripgrep") return session
    const run: typeof sandbox.run = (program, signal) =>
      sandbox.run(program.args[0] === "rg" ? { ...program, args: ["no-such-program"] } : program, signal)
    return { ...session, context: () => ({ ...session.context(), sandbox: { ...sandbox, run } }) }
  }

  it("finds files by pattern", async () => {
    const session = await tree()
    expect(await text(session, GlobTool, { pattern: "*.ts" })).toBe(".hidden/d.ts\nbin.ts\nsrc/a.ts\nsrc/deep/b.ts")
    expect(await text(session, GlobTool, { pattern: "src/*.ts" })).toBe("src/a.ts")
    expect(await text(session, GlobTool, { pattern: "deep/**/*.{js,ts}", path: "src" })).toBe(
      "src/deep/b.ts\nsrc/deep/c.js",
    )
    expect(await text(session, GlobTool, { pattern: "*.py" })).toBe("No file matches *.py in ..")
    await expect(text(session, GlobTool, { pattern: "*", path: "nope" })).rejects.toThrow("There is no folder nope")
  })

  it("finds text in files", async () => {
    const session = await tree()
    expect(await text(session, GrepTool, { pattern: "one .*ts$" })).toBe(
      ".hidden/d.ts:1:one .hidden/d.ts\nsrc/a.ts:1:one src/a.ts\nsrc/deep/b.ts:1:one src/deep/b.ts",
    )
    expect(await text(session, GrepTool, { pattern: "^one", include: "*.js" })).toBe(
      "src/deep/c.js:1:one src/deep/c.js",
    )
    expect(await text(session, GrepTool, { pattern: "TWO", path: "e f.md", ignore_case: true })).toBe("e f.md:2:Two")
    expect(await text(session, GrepTool, { pattern: "--nothing" })).toBe("Nothing matches --nothing in ..")
    await expect(text(session, GrepTool, { pattern: "a(" })).rejects.toThrow("The search failed")
    await expect(text(session, GrepTool, { pattern: "a", path: "nope" })).rejects.toThrow("There is no nope")
  })

  it("is bounded", async () => {
    const session = await tree()
    writeFileSync(join(session.sandbox.root, "big"), `match ${"x".repeat(1_000)}\n`.repeat(100_000))
    const found = await text(session, GrepTool, { pattern: "match" })
    expect(found.length).toBeLessThan(70_000)
    expect(found).toMatch(/\[only the first 200 lines; narrow the pattern, path or include\]$/)
  })
})
