import fc from "fast-check"
import { expect, test } from "vitest"
import { compare } from "../../src/lib/compare.ts"
import { lines, split } from "../../src/lib/patch.ts"

const patch = `diff --git a/src/a.ts b/src/a.ts
index 1..2 100644
--- a/src/a.ts
+++ b/src/a.ts
@@ -1,3 +1,3 @@ function a() {
 one
-two
+2
 three
\\ No newline at end of file
diff --git a/old name.txt b/new name.txt
similarity index 100%
rename from old name.txt
rename to new name.txt
diff --git a/gone.txt b/gone.txt
deleted file mode 100644
--- a/gone.txt
+++ /dev/null
@@ -1 +0,0 @@
-diff --git a/x b/x
diff --git a/logo.png b/logo.png
new file mode 100644
Binary files /dev/null and b/logo.png differ
`

test("a diff is cut into its files, whatever they hold", () => {
  expect(split(patch).map(({ path, previous }) => ({ path, previous }))).toEqual([
    { path: "src/a.ts", previous: undefined },
    { path: "new name.txt", previous: "old name.txt" },
    { path: "gone.txt", previous: undefined },
    { path: "logo.png", previous: undefined },
  ])
})

test("lines carry their numbers before and after", () => {
  expect(lines(split(patch)[0]?.text ?? "")).toEqual([
    { type: "hunk", text: "function a() {" },
    { type: "context", text: "one", from: 1, to: 1 },
    { type: "removed", text: "two", from: 2 },
    { type: "added", text: "2", to: 2 },
    { type: "context", text: "three", from: 3, to: 3 },
    { type: "note", text: "\\ No newline at end of file" },
  ])
  expect(lines(split(patch)[3]?.text ?? "")).toEqual([])
})

test("the diff of two texts holds both of them", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 6 }).map((lines) => lines.join("\n"))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const shown = lines(compare(before, after)).filter(({ type }) => type !== "hunk")
      const side = (without: string) =>
        shown
          .filter(({ type }) => type !== without)
          .map(({ text }) => text)
          .join("\n")
      if (before === after) return
      expect(side("added")).toBe(before)
      expect(side("removed")).toBe(after)
    }),
  )
})
