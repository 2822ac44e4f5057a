/** How long a large repository takes to be saved and brought back, and what of it is uploaded. */
import { execFileSync, spawn } from "node:child_process"
import { createCipheriv, createHash } from "node:crypto"
import { once } from "node:events"
import { mkdir } from "node:fs/promises"
import path from "node:path"
import { Identifier } from "@remote-swe/core/identifier"
import { Gateway } from "@remote-swe/worker/gateway"
import { Sandbox } from "@remote-swe/worker/sandbox"
import { Workspace } from "@remote-swe/worker/workspace"
import type { Row } from "../table.ts"
import { each, report, say, withFolder } from "../part.ts"

/** 20,000 files that no compression makes smaller. */
const files = 20_000
const bytes = Number(process.env["BENCH_BYTES"] ?? 1_000_000_000)
const count = Number(process.env["BENCH_COUNT"] ?? 5)
const never = new AbortController().signal
const MB = 1_000_000

interface File {
  id: string
  name: string
  type: string
  size: number
}

await withFolder(async (folder) => {
  say(`a repository of ${bytes / MB} MB`)
  const source = await repository(folder)
  const bucket = new Map<string, Uint8Array>()
  const sessionID = Identifier.create("session")
  const first = await machine(path.join(folder, "first"), sessionID, bucket)
  say("clone")
  const clone = await each(1, () => first.workspace.clone(source, never))

  const saves = { first: [] as Saved[], unchanged: [] as Saved[], changed: [] as Saved[], many: [] as Saved[] }
  say("saves")
  saves.first.push(await first.save())
  for (let index = 0; index < count; index++) {
    saves.unchanged.push(await first.save())
    await first.run(`set -- dir7/*; echo ${index} >> $1; echo ${index} > new-${index}`)
    saves.changed.push(await first.save())
    await first.run(
      `for n in {1..500}; do set -- dir$n/*; echo ${index} >> $1; done; git add -A; git commit -qm ${index}`,
    )
    saves.many.push(await first.save())
  }
  const entry = saves.many.at(-1)?.repositories ?? []
  await first.close()
  const restores: number[] = []
  for (let index = 0; index < 2; index++) {
    say(`restore ${index + 1}`)
    const next = await machine(path.join(folder, `next-${index}`), sessionID, bucket)
    restores.push(...(await each(1, () => next.workspace.restore({ repositories: entry }, never))))
    if ((await next.save()).bytes > 0) throw new Error("It did not come back as it was")
    await next.close()
  }
  const what = `a repository of ${bytes / MB} MB in ${files} files that cannot be compressed, cloned from this machine through the git gateway`
  await report(
    { name: "clone, for comparison", unit: "ms", samples: clone, how: `${what}: clone and checkout` },
    ...rows("first save", saves.first, `${what}, just cloned`),
    ...rows("save, nothing changed", saves.unchanged, "the same, with nothing done since the last save"),
    ...rows(
      "save, two files changed",
      saves.changed,
      "the same, after one file was changed and one was added",
      "a few seconds",
    ),
    ...rows(
      "save, 500 files committed",
      saves.many,
      "the same, after a line was added to 500 files, and they were committed",
    ),
    {
      name: "restore",
      unit: "ms",
      samples: restores,
      how: `in an empty folder, from the last of these snapshots: clone, ${entry[0] ? 1 + (entry[0].earlier?.length ?? 0) : 0} bundles, checkout`,
    },
  )
})
process.exit()

interface Saved {
  ms: number
  bytes: number
  repositories: Workspace.Saved["repositories"]
}

function rows(name: string, saved: readonly Saved[], how: string, aim?: string): Row[] {
  return [
    { name, unit: "ms", samples: saved.map(({ ms }) => ms), how, ...(aim !== undefined && { aim }) },
    { name: `${name}: uploaded`, unit: "MB", samples: saved.map((item) => item.bytes / MB), how: "the same saves" },
  ]
}

/** What a worker saves with, without the worker. */
async function machine(dir: string, sessionID: string, bucket: Map<string, Uint8Array>) {
  const gateway = await Gateway.open({
    branch: Workspace.branch(sessionID),
    credential: async () => ({}),
    forbidden: [dir],
  })
  const sandbox = await Sandbox.open({ dir, gatewayPort: gateway.port, kind: "none" })
  let uploaded = 0
  const put = async (name: string, type: string, content: Uint8Array): Promise<File> => {
    const id = Identifier.create("file")
    bucket.set(id, content)
    uploaded += content.length
    return { id, name, type, size: content.length }
  }
  const get = async ({ id }: { id: string }) => bucket.get(id) ?? new Uint8Array()
  const workspace = await Workspace.open({ sandbox, gateway, files: { put, get } })
  return {
    workspace,
    run: (script: string) =>
      sandbox.exec({ script, cwd: "large", timeoutMs: 600_000, silenceMs: 600_000 }, new AbortController().signal),
    async save(): Promise<Saved> {
      const saved: Workspace.Saved[] = []
      uploaded = 0
      const [ms = 0] = await each(1, async () => {
        const problems = await workspace.save(async (item) => void saved.push(item), { signal: never, patient: false })
        const failed = problems.find((problem) => problem.type === "failed")
        if (failed?.type === "failed") throw failed.error
      })
      return { ms, bytes: uploaded, repositories: saved[0]?.repositories ?? [] }
    },
    async close() {
      await sandbox.close()
      await gateway.close()
    },
  }
}

/** As different from each other as names are: git looks for a file's earlier content by a short sum of its name. */
function name(index: number) {
  return `${createHash("sha256").update(String(index)).digest("hex").slice(0, 12)}.ts`
}

/** A bare repository with one commit, written by git's own importer. */
async function repository(folder: string) {
  const bare = path.join(folder, "large.git")
  await mkdir(bare)
  execFileSync("git", ["init", "-q", "--bare", "-b", "main", bare])
  const git = spawn("git", ["-c", "core.compression=0", "fast-import", "--quiet"], {
    cwd: bare,
    stdio: ["pipe", "ignore", "inherit"],
  })
  const write = async (text: string | Buffer) => {
    if (!git.stdin.write(text)) await once(git.stdin, "drain")
  }
  const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16))
  const zeros = Buffer.alloc(Math.ceil(bytes / files))
  await write("commit refs/heads/main\ncommitter Bench <bench@example.com> 0 +0000\ndata 5\nBegin\n")
  for (let index = 1; index <= files; index++) {
    const content = noise.update(zeros)
    await write(`M 644 inline dir${index % 1_000}/${name(index)}\ndata ${content.length}\n`)
    await write(content)
    await write("\n")
  }
  git.stdin.end()
  const [code] = await once(git, "exit")
  if (code !== 0) throw new Error("The repository could not be made")
  return bare
}
