import { readFileSync } from "node:fs"
import path from "node:path"
import { expect, it } from "vitest"
import { root } from "./harness/place.ts"
import { recorded } from "./recorded.ts"
import { declaration } from "./types.ts"

it("sst-env.d.ts says what infra links (else: npm run infra -- types)", () => {
  expect(readFileSync(path.join(root, "sst-env.d.ts"), "utf8")).toBe(declaration(recorded()))
})
