import fc from "fast-check"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { Setting } from "../../src/workspace/setting.ts"
import { folder, git } from "../sandbox/world.ts"

it.each([
  ["user.name", "Ada", true],
  ["core.autocrlf", "input", true],
  ["core.hookspath", "/tmp/hooks", false],
  ["core.fsmonitor", "/tmp/run", false],
  ["core.sshcommand", "sh -c x", false],
  ["core.editor", "sh", false],
  ["core.pager", "sh", false],
  ["core.askpass", "sh", false],
  ["core.gitproxy", "sh", false],
  ["core.attributesfile", "/etc/x", false],
  ["core.worktree", "/elsewhere", false],
  ["alias.st", "!sh", false],
  ["filter.x.clean", "sh", false],
  ["filter.lfs.process", "git-lfs filter-process", false],
  ["diff.external", "sh", false],
  ["diff.x.command", "sh", false],
  ["diff.x.textconv", "sh", false],
  ["diff.algorithm", "histogram", true],
  ["merge.x.driver", "sh", false],
  ["merge.tool", "x", false],
  ["credential.helper", "sh", false],
  ["credential.https://x.helper", "!sh", false],
  ["gpg.program", "sh", false],
  ["commit.gpgsign", "true", false],
  ["include.path", "/etc/x", false],
  ["includeif.gitdir:/.path", "/etc/x", false],
  ["http.extraheader", "Authorization: secret", false],
  ["url.ext::sh.insteadof", "https://", false],
  ["branch.main.remote", "origin", true],
  ["branch.a.b.c.merge", "refs/heads/a.b.c", true],
  ["branch.merge", "x", false],
  ["branch..merge", "x", false],
  ["branch.main.unheard", "x", false],
  ["remote.up.url", "https://example.com/a.git", true],
  ["remote.up.url", "git@example.com:a/b.git", true],
  ["remote.up.url", "ssh://git@example.com/a", true],
  ["remote.up.url", "/srv/a.git", true],
  ["remote.up.url", "../a.git", true],
  ["remote.up.url", "https://user:secret@example.com/a", false],
  ["remote.up.url", "https://secret@example.com/a", false],
  ["remote.up.url", "ext::sh -c x", false],
  ["remote.up.url", "::sh", false],
  ["remote.up.url", "--upload-pack=sh", false],
  ["remote.up.pushurl", "fd::7", false],
  ["remote.up.uploadpack", "sh", false],
  ["remote.up.receivepack", "sh", false],
  ["remote.up.vcs", "x", false],
  ["remote.up.proxy", "http://user:secret@x", false],
  ["submodule.lib.url", "https://example.com/lib.git", true],
  ["submodule.lib.update", "rebase", true],
  ["submodule.lib.update", "!sh", false],
  ["extensions.worktreeconfig", "true", false],
  ["remote-swe.source", "x", false],
  ["user.name", "x".repeat(5_000), false],
] as const)("%s = %s goes with the work: %s", (key, value, safe) => {
  expect(Setting.isSafe([key, value])).toBe(safe)
})

it("the gateway's address is the one of the worker that restores", () => {
  const secret = "a".repeat(32)
  const before: Setting.Info = ["submodule.lib.url", `http://127.0.0.1:4000/${secret}/lib.git`]
  const kept = Setting.abstract(before)
  expect(kept[1]).not.toContain(secret)
  expect(Setting.isSafe(kept)).toBe(true)
  expect(Setting.concrete(kept, "http://127.0.0.1:1/b/")).toEqual(["submodule.lib.url", "http://127.0.0.1:1/b/lib.git"])
})

it("git reads what was written, whatever is in it", () => {
  const file = join(folder(), "config")
  // Git takes no carriage return back, and no line end in a name.
  const value = fc.string({ unit: "grapheme" }).filter((text) => !/[\0\r\v\f]/.test(text))
  const name = value.filter((text) => text !== "" && !text.includes("\n"))
  const setting = fc.oneof(
    value.map((text): Setting.Info => ["user.name", text]),
    fc.tuple(name, value).map(([name, text]): Setting.Info => [`branch.${name}.description`, text]),
  )
  fc.assert(
    fc.property(fc.array(setting, { minLength: 1, maxLength: 20 }), (settings) => {
      writeFileSync(file, Setting.write(settings))
      const out = git("/", "config", "--file", file, "--list", "-z")
      expect(out.split("\0").slice(0, -1)).toEqual(settings.map(([key, value]) => `${key}\n${value}`))
    }),
    { numRuns: 50 },
  )
})
