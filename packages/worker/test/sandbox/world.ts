import type { Ref as File } from "@remote-swe/core/file/schema"
import { Identifier } from "@remote-swe/core/identifier"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { Gateway } from "../../src/git/gateway.ts"
import { Sandbox } from "../../src/sandbox/index.ts"
import type { Tool } from "../../src/tool/tool.ts"
import { Bound } from "../../src/workspace/bound.ts"
import { Workspace } from "../../src/workspace/index.ts"
import * as Units from "./units.ts"

/** The kinds of sandbox that this machine can run, and why not the full one. */
export const warning = await probe()
export const kinds = warning === undefined ? (["none", "full"] as const) : (["none"] as const)
/** And the way of a machine: a host that another program starts. */
export const ways = process.platform === "linux" ? ([...kinds, "socket"] as const) : kinds
export type Kind = "none" | "full" | "socket"

async function probe() {
  const dir = mkdtempSync(join(tmpdir(), "probe-"))
  const sandbox = await Sandbox.open({ dir })
  await sandbox.close()
  rmSync(dir, { recursive: true })
  return sandbox.warning
}

/** A folder that goes away with the test. */
export function folder() {
  const dir = mkdtempSync(join(tmpdir(), "worker test-"))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

export async function open(kind: Kind, options: Partial<Sandbox.Options> = {}) {
  const dir = options.dir ?? join(folder(), "session")
  const sandbox = await Sandbox.open({ ...options, dir, ...(await means(kind, dir)) })
  onTestFinished(() => sandbox.close())
  return sandbox
}

/** What a kind of sandbox is opened with; sockets end with the test. */
export async function means(kind: Kind, dir: string) {
  if (kind !== "socket") return kind === "none" ? { kind } : {}
  const units = await Units.start(dir)
  onTestFinished(units.close)
  return { sockets: units.sockets }
}

export const patient = { timeoutMs: 60_000, silenceMs: 60_000 }
export const never = new AbortController().signal

/** Runs a script and gives what it printed. */
export async function sh(sandbox: Sandbox.Info, script: string, cwd?: string) {
  const exit = await sandbox.exec({ script, ...patient, ...(cwd !== undefined && { cwd }) }, never)
  return exit.text
}

/** Git outside of any sandbox, as the owner runs it. */
export function git(cwd: string, ...args: string[]) {
  const env = { ...process.env, GIT_AUTHOR_DATE: "@1700000000 +0000", GIT_COMMITTER_DATE: "@1700000000 +0000" }
  const identity = ["-c", "user.name=Owner", "-c", "user.email=owner@example.com", "-c", "init.defaultBranch=main"]
  return execFileSync("git", [...identity, ...args], { cwd, encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] })
}

/** A bare repository whose `main` holds these files. */
export function origin(files: Record<string, string>, name = "origin") {
  const dir = folder()
  const work = join(dir, "work")
  mkdirSync(work)
  git(work, "init", "-q")
  for (const [path, text] of Object.entries(files)) {
    execFileSync("sh", ["-c", 'mkdir -p "$(dirname "$1")" && cat > "$1"', "sh", join(work, path)], { input: text })
  }
  git(work, "add", "-A")
  git(work, "commit", "-q", "--allow-empty", "-m", "Begin")
  const path = join(dir, `${name}.git`)
  git(dir, "clone", "-q", "--bare", work, path)
  return path
}

/** The session's files, in memory. */
export function storage() {
  const contents = new Map<string, Uint8Array>()
  return {
    contents,
    async put(name: string, type: string, bytes: Uint8Array): Promise<File> {
      const id = Identifier.create("file")
      contents.set(id, bytes)
      return { id, name, type, size: bytes.length }
    },
    async get(file: File) {
      const bytes = contents.get(file.id)
      if (!bytes) throw new Error(`There is no file ${file.id}`)
      return bytes
    },
  }
}

export interface WorldOptions {
  kind?: Kind
  sessionID?: string
  files?: ReturnType<typeof storage>
  credential?: Gateway.Options["credential"]
  lagMs?: readonly number[]
  serverURL?: string
  apiURL?: string
  limits?: Partial<Bound.All>
}

/** Everything that a session's tools work with. */
export async function world(options: WorldOptions = {}) {
  const { kind = "none", sessionID = Identifier.create("session"), files = storage(), serverURL, apiURL } = options
  const dir = join(folder(), "session")
  const gateway = await Gateway.open({
    branch: Workspace.branch(sessionID),
    credential: options.credential ?? (async () => ({})),
    forbidden: [dir],
    ...(options.lagMs && { lagMs: options.lagMs }),
  })
  onTestFinished(() => gateway.close())
  const sandbox = await open(kind, { dir, gatewayPort: gateway.port })
  const limits = { ...Bound.limits, ...options.limits }
  const workspace = await Workspace.open({ sandbox, gateway, files, serverURL, apiURL, limits })
  const drafts: Tool.Draft[] = []
  const progress: string[] = []
  const context = (signal = never): Tool.Context => ({
    callID: "call",
    signal,
    sandbox,
    workspace,
    progress: (text) => progress.push(text),
    append: async (draft) => void drafts.push(draft),
    files,
  })
  return { dir, sessionID, gateway, sandbox, workspace, files, drafts, progress, context }
}

export type World = Awaited<ReturnType<typeof world>>

/** What there is to restore where nothing was saved. */
export const nothing: Workspace.Saved = { repositories: [], size: 0 }

/** Saves; gives what goes into the log, or nothing, and what was not saved. */
export async function store({ workspace }: Pick<World, "workspace">, patient = false) {
  const appended: Workspace.Saved[] = []
  const problems = await workspace.save(async (saved) => void appended.push(saved), { signal: never, patient })
  const failed = problems.find((problem) => problem.type === "failed")
  return { saved: appended[0], problems, failed: failed?.type === "failed" ? failed.error : undefined }
}

/** The same where nothing may go wrong. */
export async function saved(from: Pick<World, "workspace">) {
  const { saved, failed } = await store(from)
  if (failed) throw failed
  return saved
}

/** Processes of this machine whose command line has `text` in it. */
export function processes(text: string) {
  const out = execFileSync("ps", ["-A", "-o", "pid=,stat=,args="], { encoding: "utf8" })
  return out.split("\n").filter((line) => line.includes(text) && !/^\s*\d+\s+Z/.test(line) && !line.includes("ps -A"))
}

export const home = homedir()
