import { expect, it } from "vitest"
import { Workspace } from "../../src/workspace/index.ts"
import { never, nothing, origin, saved, sh, store, world } from "../sandbox/world.ts"

const look =
  "git -C made log --format=%s; git -C made status --short; find . -name .git -prune -o -type f -printf '%p %m\\n' | sort; cat notes"

it("what lies beside the repositories comes back, with what the model cloned itself", async () => {
  const one = await world()
  await one.workspace.clone(origin({ a: "1\n" }), never)
  const first = await saved(one)
  // There is no more than repositories, and what is attached to messages is put there by others.
  await sh(one.sandbox, "mkdir -p attachments/fil_x && echo x > attachments/fil_x/file")
  expect(first?.folder).toBeUndefined()
  expect(await saved(one)).toBeUndefined()

  const script = [
    "echo remember > notes; echo key > key; chmod 600 key; echo '*.log' > .gitignore; echo x > x.log",
    "git init -q made; cd made; echo 1 > file; git add file; git commit -qm Made; echo 2 > file",
  ]
  await sh(one.sandbox, script.join("\n"))
  const second = await saved(one)
  expect(second?.repositories).toEqual(first?.repositories)
  const before = (await sh(one.sandbox, look)).replace(/^.*(?:attachments|x\.log).*\n/gm, "")
  const to = await world({ sessionID: one.sessionID, files: one.files })
  await to.workspace.restore(second ?? nothing, never)
  expect(await sh(to.sandbox, look)).toBe(before)
  expect(await saved(to)).toBeUndefined()

  await sh(to.sandbox, "echo more >> notes; rm key")
  const third = await saved(to)
  expect(third?.folder?.earlier).toEqual([second?.folder?.file])
  expect(third?.size).toBeGreaterThan(third?.folder?.file.size ?? 0)

  // A worker that is started again in the same folder leaves what is newer there.
  await sh(to.sandbox, "echo newest >> notes")
  const again = await Workspace.open({ sandbox: to.sandbox, gateway: to.gateway, files: to.files })
  await again.restore(third ?? nothing, never)
  expect(await sh(to.sandbox, "tail -1 notes")).toBe("newest\n")
  expect((await saved({ workspace: again }))?.folder?.earlier).toHaveLength(2)
})

it("a session without any repository has its files saved", async () => {
  const one = await world({ limits: { file: 1_000 } })
  await sh(one.sandbox, "echo 1 > file; head -c 2000 /dev/zero > large; mkdir empty")
  const { saved: entry, problems } = await store(one)
  expect(problems).toMatchObject([{ name: "the session's folder", left: [{ path: "large" }] }])
  const to = await world({ sessionID: one.sessionID, files: one.files })
  await to.workspace.restore(entry ?? nothing, never)
  expect(await sh(to.sandbox, "ls; cat file")).toBe("empty\nfile\n1\n")
  // What is not there any more does not come back, either.
  await sh(to.sandbox, "rm -r file empty")
  const emptied = await saved(to)
  const last = await world({ sessionID: one.sessionID, files: one.files })
  await last.workspace.restore(emptied ?? nothing, never)
  expect(await sh(last.sandbox, "ls -A")).toBe("")
})
