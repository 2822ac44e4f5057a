import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { escape, fromMarkdown, toPlain } from "../../src/slack/mrkdwn.ts"
import { split } from "../../src/slack/split.ts"

describe("markdown becomes Slack's", () => {
  test.each([
    ["plain text & <b>", "plain text &amp; &lt;b&gt;"],
    ["**bold** and *it* and ~~no~~", "*bold* and _it_ and ~no~"],
    ["__strong__ snake_case_name", "*strong* snake_case_name"],
    ["# A **big** title #", "*A big title*"],
    ["- one\n  * two\n- [ ] open\n- [x] done", "• one\n  • two\n☐ open\n☑ done"],
    ["1. first\n2. second", "1. first\n2. second"],
    ["[text](https://x.test/a_(b)?q=1&r=2)", "<https://x.test/a_(b)?q=1&amp;r=2|text>"],
    ["![shot](https://x.test/a.png)", "<https://x.test/a.png|shot>"],
    ["see https://x.test/a. Or <https://y.test>", "see <https://x.test/a>. Or <https://y.test>"],
    ["[run](javascript:alert(1))", "run (javascript:alert(1))"],
    ["[a|b](https://x.test/c|d)", "<https://x.test/c%7Cd|a¦b>"],
    ["`a < b` and `**no**`", "`a &lt; b` and `**no**`"],
    ["> quoted *it*", "> quoted _it_"],
    ["---", "———"],
    ["```ts\nconst a = **b** < 1\n```", "```\nconst a = **b** &lt; 1\n```"],
    ["~~~\nopen", "```\nopen\n```"],
    ["````\n```\ninner\n```\n````", "```\n`\u200b`\u200b`\ninner\n`\u200b`\u200b`\n```"],
    ["| a | b |\n|---|---|\n| 1 | 2 |\nafter", "```\n| a | b |\n|---|---|\n| 1 | 2 |\n```\nafter"],
    ["<!channel> <@U123> <#C1> @here", "&lt;!channel&gt; &lt;@U123&gt; &lt;#C1&gt; @here"],
    ["日本語の**太字**です", "日本語の*太字*です"],
  ])("%j", (markdown, mrkdwn) => {
    expect(fromMarkdown(markdown)).toBe(mrkdwn)
  })

  test("nothing of it is a mention or a command, whatever it is", () => {
    const parts = fc.constantFrom(
      "<",
      ">",
      "!",
      "@",
      "#",
      "|",
      "channel",
      "U1",
      "&",
      "`",
      "*",
      "_",
      "\n",
      "](",
      "[",
      ")",
      "https://x.test/",
      "<!here>",
      "~~~",
      " ",
    )
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 60 }), (words) => {
        expect(fromMarkdown(words.join(""))).not.toMatch(/<[!@#]/)
      }),
      { numRuns: 2_000 },
    )
  })

  test("no text takes long", () => {
    for (const sign of ["[", "(", "*", "_", "`", "<", "![](", "~~", "https://", "|"]) {
      expect(fromMarkdown(sign.repeat(50_000)).length).toBeGreaterThan(0)
    }
  })
})

describe("long texts", () => {
  const atoms = fc.constantFrom(
    "word ",
    "\n",
    "```\n",
    "\n```",
    "&amp;",
    "&lt;",
    "<https://x.test/some/where|a link>",
    "😀",
    "x".repeat(500),
  )

  test("come in parts that Slack takes, whole in themselves, with nothing lost", () => {
    fc.assert(
      fc.property(fc.array(atoms, { maxLength: 300 }), (words) => {
        const text = words.join("")
        const parts = split(text, 1_000)
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(1_000)
          expect(part.isWellFormed()).toBe(true)
          expect(part).not.toMatch(/&[a-z]*$|^[a-z]+;/)
          expect(part.split("\n").filter((line) => line === "```").length % 2).toBe(0)
          expect(part.trim()).not.toBe("")
        }
        const letters = (value: string) => value.replace(/[\s`]/g, "")
        expect(letters(parts.join(""))).toBe(letters(text))
      }),
      { numRuns: 300 },
    )
  })

  test("a short one is one", () => {
    expect(split("hello\n\nworld")).toEqual(["hello\n\nworld"])
    expect(split("")).toEqual([])
  })
})

describe("what people write becomes text", () => {
  test.each([
    ["<@UBOT> fix it", "fix it"],
    ["ask <@U123|ann> or <@U9>", "ask @ann or @U9"],
    ["in <#C1|dev>", "in #dev"],
    ["<!here> <!subteam^S1|@team>", "@here @team"],
    [
      "<https://x.test/a?b&amp;c> <http://x.test|x.test> <https://y.test|docs>",
      "https://x.test/a?b&c x.test docs (https://y.test)".replace("x.test docs", "http://x.test docs"),
    ],
    ["a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"],
    ["&amp;lt;", "&lt;"],
    ["<mailto:a@x.test|a@x.test>", "a@x.test"],
  ])("%j", (text, plain) => {
    expect(toPlain(text, "UBOT")).toBe(plain)
  })

  test("and is the same after a round", () => {
    fc.assert(fc.property(fc.string(), (text) => void expect(toPlain(escape(text))).toBe(text.trim())))
  })
})
