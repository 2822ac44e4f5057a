import { writeFileSync } from "node:fs"
import path from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { checks } from "./check/index.ts"
import { granted, roles, watch } from "./check/see.ts"
import { work } from "./harness/place.ts"
import { mutations } from "./mutation/index.ts"
import { recorded } from "./recorded.ts"

const scenes = recorded()
const see = watch()

describe("the program", () => {
  for (const check of checks) it(check.name, () => check.run(scenes, see))
})

describe("a check notices", () => {
  const before = JSON.stringify(scenes)
  it.each(mutations)("$name", async ({ make }) => {
    const changed = recorded()
    make(changed)
    expect(JSON.stringify(changed), "the mutation changes nothing").not.toBe(before)
    expect(await firstFailure(changed), "no check noticed").toBeDefined()
  })
})

async function firstFailure(changed: typeof scenes) {
  for (const check of checks) {
    const failure = await Promise.resolve(changed)
      .then((changed) => check.run(changed, watch()))
      .then(
        () => undefined,
        (error: unknown) => error,
      )
    if (failure) return failure
  }
  return undefined
}

afterAll(() => {
  const all = Object.values(scenes)
  const figures = {
    resources: all.flatMap((result) => result.resources).length,
    statements: all.flatMap((result) => roles(result).flatMap(granted)).length,
    assertions: see.count(),
    mutations: mutations.length,
  }
  writeFileSync(path.join(work, "figures.json"), JSON.stringify(figures))
})
