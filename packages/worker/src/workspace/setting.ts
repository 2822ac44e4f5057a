export * as Setting from "./setting.ts"

/** A line of a repository's configuration, as `git config --list -z` gives it. */
export type Info = [key: string, value: string]

/**
 * What of a repository's configuration goes with its work: how it reads and writes files, and where its
 * branches and remotes lead. What can name a program, a file elsewhere or a secret stays behind: hooks,
 * filters, drivers, editors, helpers, aliases, signatures, includes. It is a list of what goes, so that
 * what a later git adds does not.
 */
const plain = new Set([
  "user.name",
  "user.email",
  "core.autocrlf",
  "core.eol",
  "core.safecrlf",
  "core.filemode",
  "core.symlinks",
  "core.ignorecase",
  "core.precomposeunicode",
  "core.sparsecheckout",
  "core.sparsecheckoutcone",
  "core.whitespace",
  "core.abbrev",
  "core.commentchar",
  "core.quotepath",
  "core.trustctime",
  "core.checkstat",
  "core.logallrefupdates",
  "core.bigfilethreshold",
  "index.version",
  "index.sparse",
  "push.default",
  "push.autosetupremote",
  "push.followtags",
  "pull.rebase",
  "pull.ff",
  "fetch.prune",
  "fetch.prunetags",
  "merge.conflictstyle",
  "merge.ff",
  "merge.renames",
  "merge.directoryrenames",
  "merge.autostash",
  "rebase.autosquash",
  "rebase.autostash",
  "rebase.updaterefs",
  "rerere.enabled",
  "rerere.autoupdate",
  "diff.algorithm",
  "diff.renames",
  "diff.noprefix",
  "diff.context",
  "commit.cleanup",
  "commit.verbose",
  "status.showuntrackedfiles",
  "submodule.recurse",
  "submodule.active",
])

/** The same of what has a name of its own: `branch.main.merge`. */
const named: Record<string, ReadonlySet<string>> = {
  branch: new Set(["remote", "merge", "rebase", "pushremote", "description"]),
  remote: new Set(["url", "pushurl", "fetch", "push", "tagopt", "prune", "prunetags"]),
  submodule: new Set(["url", "branch", "active", "ignore", "fetchrecursesubmodules", "update"]),
}

export const longest = 4_000

export function isSafe([key, value]: Info) {
  if (key.length + value.length > longest || /[\0\n]/.test(key)) return false
  if (plain.has(key)) return true
  const [section = "", variable = ""] = [key.split(".", 1)[0], key.slice(key.lastIndexOf(".") + 1)]
  if (key.length < section.length + variable.length + 3 || !named[section]?.has(variable)) return false
  if (variable === "url" || variable === "pushurl") return isSafeAddress(value)
  // Any other word is a command.
  return variable !== "update" || ["checkout", "rebase", "merge", "none"].includes(value)
}

/** Without what is said again later; of what may be said several times, all. */
export function last(settings: readonly Info[]) {
  const place = new Map(settings.map(([key], at) => [key, at]))
  return settings.filter(([key], at) => !plain.has(key) || place.get(key) === at)
}

/** `helper::address` runs a program of that name, and what stands before a host may be a secret. */
function isSafeAddress(value: string) {
  if (value.startsWith("-") || /^[\w+.-]*::/.test(value)) return false
  const login = /^[a-z+]+:\/\/([^/@]*)@/i.exec(value)?.[1]
  return login === undefined || login === "git"
}

/** The session's gateway has another address in each worker: it is written down by the repository's name there. */
const gateway = /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\//
const marker = "remote-swe-gateway:"

export const isAtGateway = (value: string) => value.startsWith(marker)
export const abstract = ([key, value]: Info): Info => [key, value.replace(gateway, marker)]

/** `prefix`: the gateway's address up to a repository's name. */
export const concrete = ([key, value]: Info, prefix: string): Info => [
  key,
  value.startsWith(marker) ? prefix + value.slice(marker.length) : value,
]

/** As lines of a configuration file. */
export function write(settings: readonly Info[]) {
  return settings.map(([key, value]) => `${section(key)}\n\t${variable(key)} = ${quote(value)}\n`).join("")
}

const variable = (key: string) => key.slice(key.lastIndexOf(".") + 1)

function section(key: string) {
  const [first = ""] = key.split(".", 1)
  const name = key.slice(first.length + 1, Math.max(first.length + 1, key.lastIndexOf(".")))
  return name === "" ? `[${first}]` : `[${first} "${name.replace(/["\\]/g, "\\$&")}"]`
}

const escapes: Record<string, string> = { "\n": "\\n", "\t": "\\t", "\b": "\\b" }

const quote = (value: string) =>
  `"${value.replace(/["\\]/g, "\\$&").replace(/[\n\t\b]/g, (sign) => escapes[sign] ?? sign)}"`
