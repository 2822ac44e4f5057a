import fc from "fast-check"
import { expect, it } from "vitest"
import { Workspace } from "../../src/workspace/index.ts"
import { git, never, nothing, origin, saved, sh, storage, world, type World } from "../sandbox/world.ts"
import { look } from "./look.ts"
import { script, steps } from "./step.ts"

const files = {
  "a.txt": "one\n",
  "b/c.txt": "two\n",
  "crlf.txt": "x\r\ny\r\n",
  ".gitignore": "ignored*\n",
  "kept ignored": "tracked though ignored\n",
  ".gitattributes": "*.txt text=auto\n",
}

/** The same session on an empty machine: the sandbox is used again, as to start one takes longest. */
async function fresh(before: World): Promise<World> {
  await sh(before.sandbox, 'chmod -R u+w . ; rm -rf origin "$HOME/.remote-swe"')
  const { sandbox, gateway, files } = before
  return { ...before, workspace: await Workspace.open({ sandbox, gateway, files }) }
}

it("whatever was done to a work tree, it comes back, and goes on from there", { timeout: 3_600_000 }, async () => {
  const [bare, sub] = [origin(files), origin({ file: "in a submodule\n", "d/x": "" }, "sub")]
  git(bare, "tag", "v1", "main")
  git(sub, "update-ref", "refs/heads/main", git(sub, "commit-tree", "main^{tree}", "-p", "main", "-m", "More").trim())
  const shared = storage()
  const first = await world({ files: shared })
  const machines = [first, await world({ files: shared, sessionID: first.sessionID })]
  const turn = fc.record({ steps, moves: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 3 }), async (turns) => {
      let at = await fresh(machines[0] ?? first)
      await at.workspace.clone(bare, never)
      let entry = await saved(at)
      for (const [number, { steps, moves }] of turns.entries()) {
        await sh(at.sandbox, script(steps, sub), "origin")
        entry = (await saved(at)) ?? entry
        const isLast = number === turns.length - 1
        if (!moves && !isLast) continue
        const before = await look(at.sandbox)
        machines.reverse()
        at = await fresh(machines[0] ?? first)
        await at.workspace.restore(entry ?? nothing, never)
        expect(await look(at.sandbox)).toBe(before)
        expect(await saved(at)).toBeUndefined()
      }
    }),
    { numRuns: Number(process.env["PROPERTY_RUNS"] ?? 5), endOnFailure: !!process.env["PROPERTY_QUICK"] },
  )
})
