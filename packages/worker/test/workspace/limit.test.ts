import { describe, expect, it } from "vitest"
import { describe as tell } from "../../src/workspace/words.ts"
import { never, nothing, origin, sh, store, world, type World } from "../sandbox/world.ts"
import { look } from "./look.ts"

const files = { a: "1\n", tracked: "small\n", ".gitignore": "ignored\n" }
const KB = 1024

/** Fills a file with what cannot be compressed. */
const noise = (path: string, bytes: number) => `head -c ${bytes} /dev/urandom > ${path}`

async function start(limits: NonNullable<Parameters<typeof world>[0]>["limits"]) {
  const one = await world(limits ? { limits } : {})
  await one.workspace.clone(origin(files), never)
  return one
}

async function restored(from: World, entry: Awaited<ReturnType<typeof store>>["saved"]) {
  const to = await world({ sessionID: from.sessionID, files: from.files })
  await to.workspace.restore(entry ?? nothing, never)
  return to
}

const listing = (at: World) =>
  sh(at.sandbox, "git status --porcelain; find . -name .git -prune -o -type f -printf '%P %s\\n' | sort", "origin")

describe("what is too much", () => {
  it("is left out by name, the largest first, and everything else comes back", async () => {
    const one = await start({ file: 100 * KB, files: 150 * KB })
    const script = [
      "git commit -q --allow-empty -m Mine; echo more >> a; git add a; echo x > new",
      noise("huge", 200 * KB),
      noise("large", 90 * KB),
      noise("medium", 50 * KB),
      noise("small", 20 * KB),
      noise("ignored", 300 * KB),
    ]
    await sh(one.sandbox, script.join("\n"), "origin")
    const { saved, problems } = await store(one)
    expect(tell(problems)).toEqual([
      {
        code: "workspace.partial",
        text: "Not everything in origin is saved. Left out: huge (200 KB; a file may have 100 MB); large (90 KB; files that no commit has may have 100 MB together). The rest is saved. Ignore what can be made again, and commit what matters.",
      },
    ])
    const to = await restored(one, saved)
    expect(await listing(to)).toBe((await listing(one)).replace(/^.*(huge|large).*\n|^ignored \d+\n/gm, ""))
  })

  it("comes back as it is staged where only the change is too large, and is not staged where that is", async () => {
    const one = await start({ file: 50 * KB })
    const script = [
      "echo staged > tracked && git add tracked",
      noise("tracked", 60 * KB),
      noise("added", 70 * KB),
      `git add added; ${noise("a", 80 * KB)}; git add a`,
    ]
    await sh(one.sandbox, script.join("\n"), "origin")
    const { saved, problems } = await store(one)
    const left = problems.flatMap((problem) => (problem.type === "partial" ? problem.left : []))
    expect(left.map(({ path }) => path)).toEqual(["tracked", "a", "added"])
    const to = await restored(one, saved)
    expect(
      await sh(to.sandbox, "cat a tracked; git status --porcelain; git fsck 2>&1 | grep -v dangling", "origin"),
    ).toBe("1\nstaged\nM  tracked\n")
  })

  it("is a folder with too many files, and no other", async () => {
    const one = await start({ count: 30 })
    await sh(one.sandbox, "mkdir -p modules/x few && touch modules/{1..20} modules/x/{1..9} few/{1..10} a2", "origin")
    const { saved, problems } = await store(one)
    expect(problems).toMatchObject([{ left: [{ path: "modules/", files: 29, why: "count" }] }])
    const to = await restored(one, saved)
    expect(await sh(to.sandbox, "ls few | wc -l; ls", "origin")).toBe("10\na\na2\nfew\ntracked\n")
  })

  it("is not what only looks changed", async () => {
    const one = await start({ files: 10 })
    await sh(one.sandbox, "touch -d @1 a tracked .gitignore", "origin")
    const { saved, problems } = await store(one)
    expect(problems).toMatchObject([{ left: [] }])
    expect(await look((await restored(one, saved)).sandbox)).toBe(await look(one.sandbox))
  })

  it("is less of it when the bundle with all of it would not fit", async () => {
    const one = await start({ link: 100 * KB })
    await sh(one.sandbox, `echo 1 > one; ${noise("x", 80 * KB)}; ${noise("y", 70 * KB)}`, "origin")
    const { saved, problems } = await store(one)
    expect(problems).toMatchObject([{ left: [{ path: "x" }] }])
    expect(saved?.size).toBeLessThan(100 * KB)
    expect(await sh((await restored(one, saved)).sandbox, "ls", "origin")).toBe("a\none\ntracked\ny\n")
    // With commits that are too large there is nothing to leave out.
    await sh(one.sandbox, `${noise("z", 120 * KB)}; git add z; git commit -qm Large`, "origin")
    const { saved: none, problems: failed } = await store(one)
    expect(none).toBeUndefined()
    expect(tell(failed)[0]?.text).toMatch(
      /^origin could not be saved: The commits in origin alone have 1 MB, which is more than there is room for\. Take what is large out of them\. What was saved of it before is kept\.$/,
    )
    await sh(one.sandbox, "git reset -q --soft HEAD~1; git rm -q --cached z; rm z", "origin")
    expect((await store(one)).failed).toBeUndefined()
  })

  it("is counted for all repositories together, and old links make room for a whole one", async () => {
    const one = await start({ session: 100 * KB })
    await one.workspace.clone(origin(files, "second"), never)
    await sh(one.sandbox, noise("x", 40 * KB), "second")
    await sh(one.sandbox, noise("x", 30 * KB), "origin")
    const first = (await store(one)).saved
    await sh(one.sandbox, noise("x", 30 * KB), "origin")
    const second = (await store(one)).saved
    expect([first, second].map((item) => item?.repositories[0]?.earlier?.length ?? 0)).toEqual([0, 0])
    expect(second?.size).toBeLessThan(100 * KB)
    await sh(one.sandbox, noise("x", 70 * KB), "origin")
    const { saved, problems } = await store(one)
    expect(problems[0]).toMatchObject({ left: [{ path: "x" }] })
    expect(saved?.size).toBeLessThan(100 * KB)
  })

  it("leaves out files that lie in the work tree in another form before it gives up", async () => {
    const one = await start({ link: 60 * KB })
    // As git-lfs does: a pointer is staged for what lies there.
    const script = [
      "git config filter.large.clean 'sha256sum' && echo '*.bin filter=large' > .gitattributes",
      `${noise("x.bin", 90 * KB)}; git add -A; git commit -qm Pointer; echo x > y`,
    ]
    await sh(one.sandbox, script.join("\n"), "origin")
    const { saved, problems } = await store(one)
    expect(problems).toMatchObject([{ type: "partial", left: [{ path: "x.bin", why: "files" }] }])
    const to = await restored(one, saved)
    expect(await sh(to.sandbox, "cat y x.bin", "origin")).toMatch(/^x\n[\da-f]{64} {2}-\n$/)
  })
})

it("words are few where much is left out", () => {
  const left = Array.from({ length: 500 }, (_, at) => ({
    path: `file ${at}`,
    files: 1,
    bytes: 5,
    why: "files" as const,
  }))
  const [notice] = tell([{ name: "app", type: "partial", left, strangers: [{ path: "x", why: "worktree" }] }])
  expect(notice?.text).toContain("; and 481 more. The rest")
  expect(notice?.text.length).toBeLessThan(4_000)
  expect(tell([{ name: "app", type: "failed", error: new TypeError("secret") }])[0]?.text).toBe(
    "app could not be saved: something went wrong on our side. What was saved of it before is kept.",
  )
  expect(tell([{ name: "app", type: "moved" }])).toEqual([])
})
