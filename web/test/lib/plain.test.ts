import { expect, test } from "vitest"
import { oneLine, plain } from "../../src/lib/plain.ts"

test("what a terminal prints is shown as the text that it leaves", () => {
  expect(plain("\x1b[31mred\x1b[0m \x1b]0;title\x07done\r\n10%\r20%\r100%\nnext\x00")).toBe("red done\n100%\nnext")
})

test("a preview of markdown has no marks", () => {
  expect(oneLine("## Done\n\n* **Cause:** `a` was [here](https://x.example)\n1. b")).toBe("Done Cause: a was here 1. b")
})
