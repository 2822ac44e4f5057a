import type { Entry } from "../sandbox/sandbox.ts"

/** What was made of some files; made anew when one of them has changed. */
export interface Memo<Value> {
  of(key: string, files: readonly (Entry | undefined)[], make: () => Promise<Value>): Promise<Value>
  clear(): void
}

/** Within this time a file may change again without another time being written down for it. */
const youngMs = 2_000

export function memo<Value>(now: () => number = Date.now): Memo<Value> {
  const known = new Map<string, { seen: string; value: Value }>()
  return {
    async of(key, files, make) {
      const seen = JSON.stringify(files)
      const before = known.get(key)
      if (before?.seen === seen) return before.value
      const isYoung = files.some((file) => file && file.changed > now() - youngMs)
      const value = await make()
      if (isYoung) known.delete(key)
      else known.set(key, { seen, value })
      return value
    },
    clear: () => known.clear(),
  }
}
