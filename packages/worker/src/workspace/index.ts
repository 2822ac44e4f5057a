export * as Workspace from "./index.ts"
import { VisibleError } from "@remote-swe/core/error"
import type { Ref as File } from "@remote-swe/core/file/schema"
import { apiURL as defaultAPI, server } from "@remote-swe/core/github/schema"
import type { Gateway } from "../git/gateway.ts"
import { Remote } from "../git/remote.ts"
import type { Sandbox } from "../sandbox/sandbox.ts"
import { Archive } from "./archive.ts"
import { sign } from "./author.ts"
import { Bound } from "./bound.ts"
import { clone, recall } from "./clone.ts"
import { worktree } from "./diff.ts"
import * as Folder from "./folder.ts"
import { publish } from "./publish.ts"
import { lost, restore, restoreFolder } from "./restore.ts"
import type { Repository, Workspace as Info } from "./workspace.ts"

export type { Problem, Published, PullRequestInput, Repository, Saved, Workspace as Info } from "./workspace.ts"

export interface Options {
  sandbox: Sandbox
  gateway: Gateway.Info
  files: {
    put(name: string, type: string, bytes: Uint8Array): Promise<File>
    get(file: File): Promise<Uint8Array>
  }
  /** `GITHUB_SERVER_URL`: where `owner/name` lives. */
  serverURL?: string | undefined
  /** `GITHUB_API_URL`; by default what belongs to `serverURL`. */
  apiURL?: string | undefined
  identity?: { name: string; email: string }
  /** Of what is saved. */
  limits?: Bound.All
}

/** The session's branch, as short as it may be. */
export const branch = (sessionID: string) => `remote-swe/${sessionID.slice(-10)}`

export async function open(options: Options): Promise<Info> {
  const { sandbox, gateway, files, serverURL = server } = options
  const repositories: Repository[] = []
  const apiURL = options.apiURL ?? defaultAPI(serverURL)
  await configure(sandbox, options.identity ?? { name: "Remote SWE", email: "remote-swe@localhost" })

  async function target(name: string, source: string) {
    const remote = Remote.parse(source, serverURL)
    const address = await gateway.serve(name, remote)
    return { name, source, path: `${sandbox.root}/${name}`, branch: gateway.branch, address }
  }

  const same = (a: string, b: string) =>
    Remote.label(Remote.parse(a, serverURL)) === Remote.label(Remote.parse(b, serverURL))

  async function freeName(source: string) {
    const wanted = Remote.name(Remote.parse(source, serverURL))
    for (let count = 1; ; count++) {
      const name = count === 1 ? wanted : `${wanted}-${count}`
      const known = repositories.some((repository) => repository.name === name)
      if (!known && (await sandbox.stat(`${sandbox.root}/${name}`)).type === "missing") return name
    }
  }

  async function add(repository: Repository) {
    const remote = Remote.parse(repository.source, serverURL)
    if (remote.type === "http")
      await sign(sandbox, repository.path, async () => (await gateway.credential(remote.url)).author)
    repositories.push(repository)
  }

  const exists = async ({ path }: Repository) => (await sandbox.stat(`${path}/.git`)).type === "directory"

  const archive = Archive.create({
    sandbox,
    put: files.put,
    repositories,
    limits: options.limits ?? Bound.limits,
    exists,
  })

  function find(name: string | undefined): Repository {
    const found = name === undefined && repositories.length === 1 ? repositories[0] : undefined
    const repository = found ?? repositories.find((item) => item.name === name || item.source === name)
    if (repository) return repository
    const known = repositories.map((item) => item.name).join(", ")
    const hint = known ? `Name one of: ${known}.` : "Use clone_repository first."
    throw new VisibleError("missing", "repository.missing", `There is no such repository in this session. ${hint}`)
  }

  return {
    repositories,

    async clone(source, signal) {
      const known = repositories.find((repository) => same(repository.source, source))
      if (known) return known
      const wanted = Remote.name(Remote.parse(source, serverURL))
      const left = repositories.some((item) => item.name === wanted)
        ? undefined
        : await recall(sandbox, await target(wanted, source))
      const repository = left ?? (await clone(sandbox, await target(await freeName(source), source), signal))
      await add(repository)
      return repository
    },

    async diff() {
      const items = []
      for (const repository of repositories)
        if (await exists(repository)) items.push(await worktree(sandbox, repository))
      return { repositories: items }
    },

    save: archive.save,

    async restore({ repositories: entries, folder }, signal) {
      const missing = entries.filter((entry) => !repositories.some((repository) => repository.name === entry.name))
      const places = []
      for (const entry of missing) {
        const place = await target(entry.name, entry.source).catch((error: unknown) => {
          throw lost(entry, error)
        })
        places.push({ entry, place })
      }
      const addresses = places.map(({ place }) => place.address)
      const options = { sandbox, get: files.get, addresses, signal }
      for (const { entry, place } of places) {
        // The folder of a worker that ended in mid-turn is newer than what it saved.
        const left = await recall(sandbox, place)
        const restored = left ? undefined : await restore(options, place, entry)
        const repository = left ?? restored?.repository
        if (repository) await add(repository)
        archive.know(entry, restored)
      }
      if (!folder) return
      const isHere = await Folder.isHere(sandbox)
      archive.know(Folder.entryOf(folder), isHere ? undefined : await restoreFolder(options, repositories, folder))
    },

    pullRequest: (input, signal) =>
      publish({ sandbox, gateway, serverURL, apiURL }, find(input.repository), input, signal),
  }
}

/** Git's settings for every repository of the session, unless it has made its own. */
async function configure(sandbox: Sandbox, identity: { name: string; email: string }) {
  const path = `${sandbox.home}/.gitconfig`
  if ((await sandbox.stat(path)).type !== "missing") return
  const lines = [
    "[user]",
    `\tname = ${identity.name}`,
    `\temail = ${identity.email}`,
    "[init]\n\tdefaultBranch = main",
    "[push]\n\tdefault = current\n\tautoSetupRemote = true",
    // In a sandbox, files may seem to be another user's.
    "[safe]\n\tdirectory = *",
    "[advice]\n\tdetachedHead = false",
  ]
  await sandbox.writeFile(path, Buffer.from(`${lines.join("\n")}\n`))
}
