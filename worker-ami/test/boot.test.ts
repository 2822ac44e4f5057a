import { createHash } from "node:crypto"
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import * as Metadata from "./metadata.ts"
import { folder, lacking, must, run } from "./util.ts"

const skipped = lacking("boot", ["bash", "curl", "tar", "sha256sum"], false)

describe.skipIf(skipped)("a machine that boots", () => {
  let dir: string
  let metadata: Awaited<ReturnType<typeof Metadata.start>>
  let program: Buffer

  beforeEach(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "swe-boot-"))
    metadata = await Metadata.start({ pages: {} })
    program = await pack({ "index.mjs": "1\n", "host.mjs": "2\n" })
    await writeFile(path.join(dir, "nft"), `#!/bin/sh\necho "$@" >>'${dir}/nft.log'\n`)
    await chmod(path.join(dir, "nft"), 0o755)
  })
  afterEach(async () => {
    await metadata.close()
    await rm(dir, { recursive: true })
  })

  async function pack(files: Record<string, string>) {
    const tree = await mkdtemp(path.join(dir, "pack-"))
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(tree, name), text)
    await must("tar", "-czf", `${tree}.tgz`, "-C", tree, ...Object.keys(files))
    return readFile(`${tree}.tgz`)
  }

  function give(settings: Record<string, string | undefined> = {}, bundle = program) {
    metadata.pages["program"] = bundle
    const all = {
      AWS_REGION: "eu-west-1",
      REMOTE_SWE_API_URL: "https://swe.example/api/v1",
      REMOTE_SWE_SESSION_ID: "ses_01",
      REMOTE_SWE_GENERATION: "3",
      REMOTE_SWE_BUNDLE_URL: `${metadata.url}/program?X-Amz-Signature=secret%2Fish`,
      REMOTE_SWE_BUNDLE_SHA256: createHash("sha256").update(bundle).digest("hex"),
      ...settings,
    }
    const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
    metadata.pages["latest/user-data"] = ["#!/bin/sh", ": <<'END'", ...lines, "END", "exit 0", ""].join("\n")
    metadata.pages["program?X-Amz-Signature=secret%2Fish"] = bundle
  }

  const pooled = { REMOTE_SWE_SESSION_ID: undefined, REMOTE_SWE_GENERATION: undefined, REMOTE_SWE_POOL: "pool-1" }

  const boot = (env: Record<string, string> = {}) =>
    run([path.join(folder, "lib/boot.sh")], {
      env: {
        PATH: process.env["PATH"],
        REMOTE_SWE_METADATA: metadata.url,
        REMOTE_SWE_RUN: path.join(dir, "run"),
        REMOTE_SWE_PROGRAM: path.join(dir, "worker"),
        REMOTE_SWE_NFT: path.join(dir, "nft"),
        ...env,
      },
    })
  const settings = () => readFile(path.join(dir, "run/worker.env"), "utf8")
  const opened = () => readFile(path.join(dir, "nft.log"), "utf8").catch(() => "")

  test("has the settings of its session, the program that was meant, and an open network", async () => {
    give()
    const { code, stderr } = await boot()
    expect(code, stderr).toBe(0)
    expect(await settings()).toBe(
      "AWS_REGION=eu-west-1\nREMOTE_SWE_API_URL=https://swe.example/api/v1\nREMOTE_SWE_SESSION_ID=ses_01\nREMOTE_SWE_GENERATION=3\n",
    )
    expect((await readdir(path.join(dir, "worker"))).toSorted()).toEqual([".sha256", "host.mjs", "index.mjs"])
    expect(await opened()).toContain("open.nft")
    expect(stderr).not.toContain("Signature")
  })

  test("stays closed when there is an allow-list", async () => {
    give({ EGRESS_ALLOWED_DOMAINS: "*.example.com,example.org" })
    expect((await boot()).code).toBe(0)
    expect(await opened()).toBe("")
    expect(await settings()).toContain("EGRESS_ALLOWED_DOMAINS=*.example.com,example.org\n")
  })

  test("lets commands become root only where the settings say just that", async () => {
    for (const [value, granted] of [
      ["", false],
      ["yes", false],
      ["TRUE", false],
      ["true", true],
    ] as const) {
      await rm(path.join(dir, "run"), { recursive: true, force: true })
      give({ WORKER_SUDO: value })
      expect((await boot()).code).toBe(0)
      expect((await readdir(path.join(dir, "run"))).includes("sudo"), value).toBe(granted)
      expect(await settings()).not.toContain("WORKER_SUDO")
    }
  })

  test("takes no other names from user data, and no values that mean more than themselves", async () => {
    give({
      LD_PRELOAD: "/tmp/x.so",
      NODE_OPTIONS: "--inspect",
      GITHUB_API_URL: "https://a'b",
      ANTHROPIC_BASE_URL: "a\\",
    })
    expect((await boot()).code).toBe(0)
    expect(await settings()).not.toMatch(/LD_PRELOAD|NODE_OPTIONS|GITHUB|ANTHROPIC/)
  })

  test("can boot again: the program is replaced", async () => {
    give()
    await boot()
    give({}, await pack({ "index.mjs": "new\n", "host.mjs": "2\n" }))
    expect((await boot()).code).toBe(0)
    expect(await readFile(path.join(dir, "worker/index.mjs"), "utf8")).toBe("new\n")
    expect(await readdir(dir)).not.toContainEqual(expect.stringMatching(/^worker\./))
  })

  test("started again when the address of its program has run out, goes on with the one that is there", async () => {
    give()
    await boot()
    for (const name of Object.keys(metadata.pages)) if (name.startsWith("program")) delete metadata.pages[name]
    const { code, stderr } = await boot()
    expect(code, stderr).toBe(0)
    expect(await settings()).toContain("REMOTE_SWE_SESSION_ID=ses_01\n")
  })

  test("in the pool prepares itself, and is a session's as soon as its tags say which", async () => {
    give(pooled)
    const asked: string[] = []
    const tag = "latest/meta-data/tags/instance/remote-swe"
    const waiting = boot({ REMOTE_SWE_POOL_SECONDS: "0.05" })
    // Both tags are needed; they may show one after the other.
    await metadata.until((path) => path === `${tag}:session`)
    asked.push(await settings().catch(() => "nothing yet"))
    metadata.pages[`${tag}:session`] = "ses_02"
    await metadata.until((path) => path === `${tag}:generation`)
    asked.push(await settings().catch(() => "nothing yet"))
    metadata.pages[`${tag}:generation`] = "7"
    const { code, stderr } = await waiting
    expect(code, stderr).toBe(0)
    expect(asked).toEqual(["nothing yet", "nothing yet"])
    expect((await settings()).split("\n").slice(-3)).toEqual([
      "REMOTE_SWE_SESSION_ID=ses_02",
      "REMOTE_SWE_GENERATION=7",
      "",
    ])
    expect(await settings()).not.toMatch(/POOL|BUNDLE/)
    expect((await readdir(path.join(dir, "worker"))).toSorted()).toEqual([".sha256", "host.mjs", "index.mjs"])
  })

  test("in the pool, was stopped and taken meanwhile: it starts as that session's, and fetches nothing", async () => {
    give(pooled)
    const tag = "latest/meta-data/tags/instance/remote-swe"
    metadata.pages[`${tag}:session`] = "ses_02"
    metadata.pages[`${tag}:generation`] = "1"
    await boot()
    for (const name of Object.keys(metadata.pages)) if (name.startsWith("program")) delete metadata.pages[name]
    metadata.pages[`${tag}:session`] = "ses_03"
    const { code, stderr } = await boot()
    expect(code, stderr).toBe(0)
    expect(stderr).toContain("Ready for session ses_03")
  })

  test("in the pool, takes no tags that mean more than themselves", async () => {
    give(pooled)
    const tag = "latest/meta-data/tags/instance/remote-swe"
    metadata.pages[`${tag}:session`] = "ses_02\nNODE_OPTIONS=--inspect"
    metadata.pages[`${tag}:generation`] = "1"
    expect(await boot()).toMatchObject({ code: 1, stderr: expect.stringContaining("tags name no session") })
    await expect(settings()).rejects.toThrow("ENOENT")
  })

  test("fails when the program is another one, or not whole, and keeps nothing of it", async () => {
    give({ REMOTE_SWE_BUNDLE_SHA256: "0".repeat(64) })
    expect(await boot()).toMatchObject({ code: 1, stderr: expect.stringContaining("not the one that was meant") })
    give({ REMOTE_SWE_BUNDLE_SHA256: "" })
    expect(await boot()).toMatchObject({ code: 1, stderr: expect.stringContaining("no SHA-256") })
    give({}, await pack({ "index.mjs": "1\n" }))
    expect(await boot()).toMatchObject({ code: 1, stderr: expect.stringContaining("no host.mjs") })
    expect(await readdir(dir)).not.toContain("worker")
    expect(await opened()).toBe("")
  })

  test("without a session waits for nobody: there is no worker, and it has not failed", async () => {
    for (const data of [undefined, "", "#cloud-config\nusers: []\n"]) {
      delete metadata.pages["latest/user-data"]
      if (data !== undefined) metadata.pages["latest/user-data"] = data
      expect((await boot()).code).toBe(0)
      await expect(settings()).rejects.toThrow("ENOENT")
    }
    expect(await opened()).toBe("")
  })

  test("fails when settings name no session", async () => {
    give({ REMOTE_SWE_SESSION_ID: "" })
    expect(await boot()).toMatchObject({ code: 1, stderr: expect.stringContaining("no session") })
  })

  test("asked again by the Spot watcher, tells the worker once there is a notice", async () => {
    await mkdir(path.join(dir, "bin"))
    const waiting = path.join(dir, "waiting")
    metadata.pages["latest/meta-data/instance-life-cycle"] = "spot"
    metadata.pages["latest/meta-data/spot/instance-action"] = `{"action":"terminate","time":"2030-01-01T00:00:00Z"}`
    // The worker: says so when it is asked to leave.
    await writeFile(
      path.join(dir, "worker.sh"),
      `trap 'echo left >"${waiting}"; exit 0' TERM\necho $$ >"${dir}/pid"\nwhile :; do read -r -t 1 _ <>"${dir}/never"; done\n`,
    )
    await must("mkfifo", path.join(dir, "never"))
    await writeFile(path.join(dir, "bin/systemctl"), `#!/bin/sh\ncat "${dir}/pid"\n`)
    await chmod(path.join(dir, "bin/systemctl"), 0o755)
    const script = `bash "$1" & until [ -s "$2" ]; do :; done; "$3"; code=$?; wait $!; exit $code`
    const args = ["bash", "-c", script, "bash", path.join(dir, "worker.sh"), `${dir}/pid`, `${folder}/lib/spot.sh`]
    const env = {
      PATH: `${dir}/bin:${process.env["PATH"]}`,
      REMOTE_SWE_METADATA: metadata.url,
      REMOTE_SWE_SPOT_SECONDS: "0.1",
    }
    const { code, stderr } = await run(args, { env, timeout: 30_000 })
    expect(code, stderr).toBe(0)
    expect(stderr).toContain("EC2 takes this machine back")
    expect(await readFile(waiting, "utf8")).toBe("left\n")
  })

  test("a machine that is not Spot has nothing to watch for", async () => {
    metadata.pages["latest/meta-data/instance-life-cycle"] = "on-demand"
    const env = { PATH: process.env["PATH"], REMOTE_SWE_METADATA: metadata.url }
    expect((await run([`${folder}/lib/spot.sh`], { env })).code).toBe(0)
  })
})
