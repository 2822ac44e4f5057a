import fc from "fast-check"
import { expect, test } from "vitest"
import { blocks, escapeHTML, render } from "../../src/lib/markdown.ts"

/** Tags and attributes that the renderer writes itself; anything else in its output came from the text. */
const tags =
  /^<\/?(?:p|br|hr|strong|em|del|a|code|pre|blockquote|ul|ol|li|h[1-6]|table|thead|tbody|tr|th|td)(?: (?:href="(?:https?:|mailto:|#|\/(?!\/))[^"<>]*"|target="_blank"|rel="noopener noreferrer"|tabindex="0"|data-language="[^"<>]*"|align="(?:left|right|center)"|start="\d+"|class="depth-\d"))*>$/

const foreign = (html: string) => (html.match(/<[^>]*>?/g) ?? []).filter((tag) => !tags.test(tag))

const hostile = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "[click](javascript:alert(1))",
  "[click](JaVaScRiPt:alert(1))",
  "[click]( javascript:alert(1))",
  "[click](&#106;avascript:alert(1))",
  "[click](data:text/html,<script>alert(1)</script>)",
  "[click](vbscript:x)",
  "[click](//evil.example/x)",
  '[a](https://x.example/" onmouseover="alert(1))',
  "![x](javascript:alert(1))",
  '![x"onerror="alert(1)](https://x.example/x.png)',
  '<https://x.example/"onclick=alert(1)>',
  "<javascript:alert(1)>",
  '```js"><script>alert(1)</script>\ncode\n```',
  "`<b>`",
  "<!-- --><script>",
  "a <b onclick=alert(1)>b</b>",
  "| <script> | b |\n| - | - |\n| <img src=x onerror=alert(1)> | c |",
  "[x]: javascript:alert(1)\n\n[x]",
  "<a href='javascript:alert(1)'>x</a>",
  "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "- [ ] <img src=x onerror=alert(1)>",
]

test.each(hostile)("%s runs nothing", (text) => {
  expect(foreign(render(text))).toEqual([])
})

test("no text makes the renderer write a tag or an address of its own", () => {
  const part = fc.oneof(
    fc.constantFrom(...hostile, "<", ">", '"', "'", "&", "[", "](", ")", "`", "```", "\n", "\n\n", "*", "javascript:"),
    fc.string({ maxLength: 8 }),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      expect(foreign(render(parts.join("")))).toEqual([])
    }),
    { numRuns: 2_000 },
  )
})

test("while a text grows, the blocks before its last one stay as they are", () => {
  const text = "# Title\n\nOne paragraph.\n\n```js\nlet a = 1\n\nlet b = 2\n```\n\n* one\n* two\n\nThe end."
  const whole = blocks(text)
  for (const length of Array(text.length).keys()) {
    const some = blocks(text.slice(0, length))
    expect(whole.slice(0, Math.max(0, some.length - 1))).toEqual(some.slice(0, -1))
  }
  expect(whole.map(render).join("")).toBe(render(text))
})

test("text is escaped for use between and inside of tags", () => {
  expect(escapeHTML(`<a b='c' d="e">&`)).toBe("&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;")
})
