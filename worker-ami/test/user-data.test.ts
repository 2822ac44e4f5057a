import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { userData } from "../../packages/core/src/machine/ec2/user-data.ts"
import * as Metadata from "./metadata.ts"
import { folder, lacking, must, run } from "./util.ts"

const skipped = lacking("user data", ["bash", "curl", "tar", "sha256sum"], false)
const unchecked = lacking("shellcheck", ["shellcheck"], false)

describe.skipIf(skipped)("user data", () => {
  let dir: string
  let server: Awaited<ReturnType<typeof Metadata.start>>
  let recipe: { file: string; sha256: string }

  beforeEach(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "swe-data-"))
    server = await Metadata.start({ pages: {} })
    await mkdir(path.join(dir, "bin"))
    for (const name of ["systemctl", "shutdown"]) await program(`bin/${name}`, `echo "${name} $*" >>'${dir}/said'`)
    // Nobody comes back for what is not there.
    await program("bin/curl", `exec ${(await must("sh", "-c", "command -v curl")).trim()} "$@" --retry 0`)
    recipe = await give(`mkdir -p "$REMOTE_SWE_LIB" && cp "$(dirname "$0")/lib/boot.sh" "$REMOTE_SWE_LIB/"`)
  })
  afterEach(async () => {
    await server.close()
    await rm(dir, { recursive: true })
  })

  async function program(name: string, text: string) {
    await writeFile(path.join(dir, name), `#!/bin/sh\n${text}\n`)
    await chmod(path.join(dir, name), 0o755)
  }

  /** A recipe as a deployment packs it, with another installation: that takes minutes. */
  async function give(install: string) {
    const source = await mkdtemp(path.join(dir, "recipe-"))
    await must("cp", "-r", ...["conf", "lib"].map((name) => path.join(folder, name)), source)
    await writeFile(path.join(source, "install.sh"), `#!/bin/bash\nset -e\n${install}\n`)
    await chmod(path.join(source, "install.sh"), 0o755)
    const pack = path.resolve(folder, "../scripts/recipe.mjs")
    const made = JSON.parse(await must(process.execPath, pack, path.join(dir, "out"), source)) as typeof recipe
    server.pages["recipe?X-Amz-Signature=a%2Fb"] = await readFile(made.file)
    return made
  }

  const script = (sha256 = recipe.sha256) =>
    userData({
      settings: { AWS_REGION: "eu-west-1", REMOTE_SWE_SESSION_ID: "ses_01", REMOTE_SWE_GENERATION: "3" },
      recipe: { url: `${server.url}/recipe?X-Amz-Signature=a%2Fb`, sha256 },
    })

  async function start(text = script()) {
    await writeFile(path.join(dir, "script"), text)
    await chmod(path.join(dir, "script"), 0o755)
    const env = { PATH: `${dir}/bin:${process.env["PATH"]}`, REMOTE_SWE_LIB: path.join(dir, "lib"), TMPDIR: dir }
    const outcome = await run([path.join(dir, "script")], { env, timeout: 60_000 })
    return { ...outcome, said: await readFile(path.join(dir, "said"), "utf8").catch(() => "") }
  }

  test("on a Debian installs what was meant, starts it, and leaves nothing behind", async () => {
    const { code, said, stderr } = await start()
    expect(code, stderr).toBe(0)
    expect(await readFile(path.join(dir, "lib/boot.sh"), "utf8")).toContain("remote-swe-boot.service")
    expect(said.trim().split("\n").at(-1)).toBe("systemctl start --no-block remote-swe-boot.service")
    expect(said).not.toContain("shutdown")
    expect((await run(["sh", "-c", `ls -d ${dir}/tmp.*`])).stdout).toBe("")
  })

  test("on an image that has all does nothing", async () => {
    await mkdir(path.join(dir, "lib"))
    await program("lib/boot.sh", "exit 1")
    expect(await start()).toMatchObject({ code: 0, said: "" })
  })

  test.each([
    ["the recipe is another one", () => start(script("0".repeat(64)))],
    ["the recipe cannot be fetched", () => start(script().replace("/recipe?", "/nothing?"))],
    [
      "the installation fails",
      async () => {
        recipe = await give("exit 3")
        return start()
      },
    ],
  ])("ends the machine when %s", async (_, attempt) => {
    const { code, said } = await attempt()
    expect(code).not.toBe(0)
    expect(said.trim().split("\n").at(-1)).toBe("shutdown -h now")
    expect(said).not.toContain("systemctl start")
  })

  test("is read by the machine's own program as it is meant", async () => {
    const text = script()
    server.pages["latest/user-data"] = text
    const read = await run([path.join(folder, "lib/boot.sh")], {
      env: {
        PATH: process.env["PATH"],
        REMOTE_SWE_METADATA: server.url,
        REMOTE_SWE_RUN: path.join(dir, "run"),
        REMOTE_SWE_PROGRAM: path.join(dir, "worker"),
      },
    })
    // All that is missing is a program.
    expect(read).toMatchObject({ code: 1, stderr: expect.stringContaining("no SHA-256") })
    expect((await readFile(path.join(dir, "run/settings"), "utf8")).split("\n")).toEqual([
      "AWS_REGION=eu-west-1",
      "REMOTE_SWE_SESSION_ID=ses_01",
      "REMOTE_SWE_GENERATION=3",
      "",
    ])
  })

  test("that EC2 would not take is refused", () => {
    const settings = { REMOTE_SWE_API_URL: "x".repeat(16_000) }
    expect(() => userData({ settings, recipe: { url: "", sha256: "" } })).toThrow(/EC2 takes 16384/)
  })

  test.skipIf(unchecked)("has nothing for shellcheck to say", async () => {
    await writeFile(path.join(dir, "script"), script())
    expect((await run(["shellcheck", path.join(dir, "script")])).stdout).toBe("")
  })
})
