import type { Sandbox } from "./sandbox/sandbox.ts"
import { isCrowded, type Strain, strains, words } from "./sandbox/strain.ts"
import type { Tool } from "./tool/tool.ts"

/**
 * Sees what commands run short of, and tells: the model in each result that was hit, people once a turn. Ends what
 * runs where there is no room left for another command.
 */
export async function create(sandbox: Pick<Sandbox, "vitals" | "reset">) {
  let before = await sandbox.vitals()
  const noticed = new Set<Strain>()

  return {
    begin: () => noticed.clear(),

    async look(): Promise<{ text: string; events: Tool.Draft[] } | undefined> {
      const after = await sandbox.vitals()
      if (!before || !after) return
      const found = strains(before, after)
      before = after
      if (found.length === 0) return
      const ended = found.includes("processes") && isCrowded(after)
      if (ended) {
        await sandbox.reset()
        // More were refused until that was done: the next call is not to hear of it.
        before = await sandbox.vitals()
      }
      const told = found.map((strain) => ({ strain, ...words(strain, after, ended) }))
      const fresh = told.filter(({ strain }) => !noticed.has(strain))
      for (const { strain } of fresh) noticed.add(strain)
      return {
        text: told.map(({ result }) => result).join("\n"),
        events: fresh.map(({ strain, notice }) => ({
          kind: "notice",
          level: "warning",
          code: `machine.${strain}`,
          text: notice,
        })),
      }
    },
  }
}
