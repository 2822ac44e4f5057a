import fc from "fast-check"
import { expect, test } from "vitest"
import { compare } from "../../src/lib/compare.ts"
import { lines, split, within } from "../../src/lib/patch.ts"

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

test("a patch is shown around the lines that a call has named", () => {
  const file = Array.from({ length: 12 }, (_, index) => `${index + 1}`)
  const hunk = (from: number, to: number) =>
    [
      `@@ -${from},9 +${from},9 @@ function a() {`,
      ...file.slice(from - 1, 5).map((line) => ` ${line}`),
      "-6",
      "+six",
      ...file.slice(6, to).map((line) => ` ${line}`),
    ].join("\n")
  const whole = `--- a/x\n+++ b/x\n${hunk(3, 9)}\n`
  expect(lines(within(whole, compare("5\n6", "5\nsix")))).toEqual([
    { type: "hunk", text: "function a() {" },
    { type: "context", text: "5", from: 5, to: 5 },
    { type: "removed", text: "6", from: 6 },
    { type: "added", text: "six", to: 6 },
  ])
  expect(within(whole, compare("1\n2\n3\n4\n5\n6\n7", "1\n2\n3\n4\n5\nsix\n7"))).toContain(" 3\n 4\n 5\n-6\n+six\n 7\n")
  const two = `${whole}${hunk(3, 9)}\n`
  expect(within(two, compare("6", "six")), "of several hunks, all").toBe(two)
  expect(within("Binary files differ\n", compare("6", "six"))).toBe("Binary files differ\n")
})
