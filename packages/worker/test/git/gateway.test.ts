import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { Gateway } from "../../src/git/gateway.ts"
import { git, kinds, never, origin, sh, world } from "../sandbox/world.ts"
import { account, allowPush, serve } from "./server.ts"

/** A session whose repository is on a server that wants a password. */
async function remote(kind: "none" | "full") {
  const bare = origin({ "readme.md": "hello\n", "src/code.txt": "one\n" }, "project")
  git(dirname(bare), "clone", "-q", "--bare", bare, "secret.git")
  allowPush(bare)
  allowPush(join(dirname(bare), "secret.git"))
  const server = await serve(dirname(bare))
  const asked: string[] = []
  const session = await world({
    kind,
    credential: async (url) => {
      asked.push(url)
      return account
    },
  })
  const source = `${server.url}/${basename(bare)}`
  return { ...session, bare, server, source, asked }
}

describe.each(kinds)("smart HTTP from a sandbox of kind %s", (kind) => {
  it("clones, changes and pushes to the session's branch", async () => {
    const { sandbox, workspace, bare, source, asked, gateway } = await remote(kind)
    const repository = await workspace.clone(source, never)
    expect(repository).toMatchObject({ name: "project", base: "main", branch: gateway.branch })
    const script = "echo two >> src/code.txt && git commit -qam 'Add two' && git push 2>&1"
    expect(await sh(sandbox, script, "project")).toContain(`${gateway.branch} -> ${gateway.branch}`)
    expect(git(bare, "show", `${gateway.branch}:src/code.txt`)).toBe("one\ntwo\n")
    expect(git(bare, "show", "main:src/code.txt")).toBe("one\n")
    expect(new Set(asked)).toEqual(new Set([source]))
  })

  it("refuses and explains a push elsewhere, a tag, a deletion and another repository", async () => {
    const { sandbox, workspace, bare, source, gateway, server } = await remote(kind)
    await workspace.clone(source, never)
    await sh(sandbox, "git commit -q --allow-empty -m Work && git push -q", "project")
    const before = git(bare, "for-each-ref")
    const push = (what: string) => sh(sandbox, `git commit -q --allow-empty -m More; git push ${what} 2>&1`, "project")
    const elsewhere = await push("origin HEAD:main")
    expect(elsewhere).toContain(`remote: Refused: this session may only push to its own branch, ${gateway.branch}.`)
    expect(elsewhere).toContain("remote:   not allowed: refs/heads/main")
    expect(elsewhere).toContain("! [remote rejected] HEAD -> main")
    expect(await push("origin HEAD:refs/tags/v1")).toContain("not allowed: refs/tags/v1")
    expect(await push("--mirror origin")).toContain("remote: Refused")
    // One wrong ref refuses all of them.
    expect(await push(`origin HEAD HEAD:refs/heads/other`)).toContain("not allowed: refs/heads/other")
    expect(await push(`origin :${gateway.branch}`)).toContain("must not be deleted")
    expect(await push("--force origin HEAD:main")).toContain("remote: Refused")
    const other = "$(git remote get-url origin | sed s/project.git/secret.git/)"
    expect(await push(`${other} HEAD`)).toMatch(/remote: This session has no repository secret \(it has: project\)/)
    expect(await push(`${server.url}/secret.git HEAD`)).toMatch(/fatal: /)
    expect(git(bare, "for-each-ref")).toBe(before)
    expect(await push("")).toContain(gateway.branch)
  })

  it("shows commands no credential", async () => {
    const { sandbox, workspace, source, dir } = await remote(kind)
    await workspace.clone(source, never)
    const places = [
      "env",
      "git config --list --show-origin",
      "git remote -v",
      "GIT_CURL_VERBOSE=1 GIT_TRACE=1 GIT_TRACE_CURL=1 git fetch 2>&1",
      "cat .git/config ~/.gitconfig",
      "printf 'protocol=http\\nhost=127.0.0.1\\n\\n' | git credential fill 2>&1",
      "cat /proc/[0-9]*/cmdline | tr '\\0' ' '",
      "cat /proc/self/environ /proc/$PPID/environ | tr '\\0' ' '",
    ]
    const seen = await sh(sandbox, places.join("; "), "project")
    const encoded = Buffer.from(`${account.username}:${account.password}`).toString("base64")
    expect(seen).toContain("info/refs?service=git-upload-pack")
    for (const secret of [account.password, encoded]) {
      expect(seen).not.toContain(secret)
      expect(() => execFileSync("grep", ["-rqF", "--", secret, dir])).toThrow()
    }
  })

  it("explains what the server refuses", async () => {
    const session = await world({ kind, credential: async () => ({ username: "x", password: "wrong" }) })
    const bare = origin({ a: "" })
    const server = await serve(dirname(bare))
    const clone = (path: string) => session.workspace.clone(`${server.url}/${path}`, never)
    await expect(clone("origin.git")).rejects.toThrow(/does not let this session read .*HTTP 401/)
    await expect(clone("page/origin.git")).rejects.toThrow("is not a git repository")
    await expect(session.workspace.clone("http://127.0.0.1:1/a.git", never)).rejects.toThrow(
      "cannot be reached (ECONNREFUSED)",
    )
    expect(await sh(session.sandbox, "ls -A")).toBe("")
  })
})

describe("gateway", () => {
  it("follows a repository that has moved", async () => {
    const { workspace, sandbox, server, gateway, bare } = await remote("none")
    await workspace.clone(`${server.url}/old/project.git`, never)
    await sh(sandbox, "git commit -q --allow-empty -m Work && git push -q", "project")
    expect(git(bare, "for-each-ref", "--format=%(refname)")).toContain(gateway.branch)
  })

  it("answers nobody who does not know its address", async () => {
    const { gateway, workspace, source } = await remote("none")
    await workspace.clone(source, never)
    for (const path of [
      "/",
      "/project.git/info/refs?service=git-upload-pack",
      `/${"x".repeat(32)}/project.git/info/refs`,
    ]) {
      expect((await fetch(`http://127.0.0.1:${gateway.port}${path}`)).status).toBe(404)
    }
  })

  it("passes nothing on but git's own calls", async () => {
    const { gateway, server, asked } = await remote("none")
    const address = await gateway.serve("x", { type: "http", url: `${server.url}/project.git` })
    const count = server.requests.length
    const post = await fetch(`${address}/git-upload-pack`, { method: "POST", body: "0000" })
    expect([post.status, await post.text()]).toEqual([403, expect.stringContaining("info/refs")])
    expect((await fetch(`${address}/HEAD`)).status).toBe(403)
    expect((await fetch(`${address}/info/refs?service=git-evil`)).status).toBe(403)
    expect((await fetch(`${address}/objects/info/packs`, { method: "POST" })).status).toBe(403)
    expect([server.requests.length, asked.length]).toEqual([count, 0])
  })

  it("serves a repository of this machine, and none that a session can write to", async () => {
    const session = await world()
    const bare = origin({ a: "1\n" })
    await session.workspace.clone(bare, never)
    await sh(session.sandbox, "echo 2 > a && git commit -qam Work && git push -q && git fetch -q", "origin")
    expect(git(bare, "show", `${session.gateway.branch}:a`)).toBe("2\n")
    await sh(
      session.sandbox,
      "git init -q --bare trap.git; echo 'touch pwned' > trap.git/hooks/pre-receive; ln -s trap.git link",
    )
    for (const path of ["trap.git", "link", "origin"]) {
      const clone = session.workspace.clone(join(session.sandbox.root, path), never)
      await expect(clone).rejects.toThrow("A session's own files cannot be cloned from")
    }
    const other = await world()
    const theirs = other.workspace.clone(join(session.sandbox.root, "origin"), never)
    await expect(theirs).rejects.toThrow("A session's own files cannot be cloned from")
    await expect(session.workspace.clone("/no/such/repository", never)).rejects.toThrow("There is no repository at")
  })

  it("moves a push of 200 MB without keeping it in memory", { timeout: 240_000 }, async () => {
    const session = await world()
    const bare = origin({ a: "1\n" })
    await session.workspace.clone(bare, never)
    const fast = "git config core.compression 0 && git config core.bigFileThreshold 1m"
    await sh(
      session.sandbox,
      `${fast} && head -c 200000000 /dev/urandom > big && git add big && git commit -qm Big`,
      "origin",
    )
    let peak = 0
    const before = process.memoryUsage().rss
    const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20)
    expect(await sh(session.sandbox, "git push 2>&1", "origin")).toContain("new branch")
    clearInterval(timer)
    expect(git(bare, "cat-file", "-s", `${session.gateway.branch}:big`).trim()).toBe("200000000")
    expect(peak - before).toBeLessThan(150_000_000)
  })

  it("takes pushes that are compressed, empty or made of nonsense", async () => {
    const session = await world()
    const bare = origin({ a: "1\n" })
    const address = await session.gateway.serve("x", { type: "local", path: bare })
    await (await fetch(`${address}/info/refs?service=git-receive-pack`)).text()
    const push = (body: string) => fetch(`${address}/git-receive-pack`, { method: "POST", body })
    const zero = "0".repeat(40)
    for (const body of ["", "zzzz", "0003", "00", "0010not a command0000", `${"ffff"}x`, `0000`]) {
      const response = await push(body)
      await response.text()
      expect([200, 403]).toContain(response.status)
    }
    const command = `${zero} ${"1".repeat(40)} refs/heads/main`
    const refused = await push(`${(command.length + 4).toString(16).padStart(4, "0")}${command}0000`)
    expect(refused.status).toBe(200)
    expect(existsSync(join(bare, "refs/heads/evil"))).toBe(false)
    expect(git(bare, "for-each-ref", "--format=%(refname)").trim()).toBe("refs/heads/main")
  })

  it("ends with what it had open", async () => {
    const gateway = await Gateway.open({ branch: "b", credential: async () => ({}), forbidden: [] })
    const address = await gateway.serve("x", { type: "local", path: origin({ a: "" }) })
    await fetch(`${address}/info/refs?service=git-upload-pack`)
    await gateway.close()
    await expect(fetch(address)).rejects.toThrow()
  })
})

it("keeps a record of each pull request beside a local repository", async () => {
  const bare = origin({ a: "1\n" })
  const open = async (title: string) => {
    const session = await world()
    await session.workspace.clone(bare, never)
    await sh(session.sandbox, `echo '${title}' > a && git commit -qam Work`, "origin")
    const one = await session.workspace.pullRequest({ title, body: "Why" }, never)
    await sh(session.sandbox, `git commit -q --amend -m Better`, "origin")
    const again = await session.workspace.pullRequest({ title: `${title}!`, body: "Why" }, never)
    return { session, one, again }
  }
  const first = await open("First")
  const second = await open("Second")
  expect(first.one.pullRequest).toMatchObject({ host: "record", number: 1, base: "main", changes: [{ path: "a" }] })
  expect([first.one.updated, first.again.updated]).toEqual([false, true])
  expect(second.again.pullRequest).toMatchObject({ number: 2, title: "Second!" })
  const record = JSON.parse(readFileSync(join(bare, "remote-swe/pull-request/2.json"), "utf8"))
  expect(record).toMatchObject({ title: "Second!", body: "Why", branch: second.session.gateway.branch, base: "main" })
  expect(record.commit).toBe(git(bare, "rev-parse", second.session.gateway.branch).trim())
  expect(record.diff).toContain("+Second")
})
