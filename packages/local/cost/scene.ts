import type { Answer } from "../src/demo/stream.ts"

/**
 * The standard session: what its model says. 45 answers with 60 calls between them, on the sample repository:
 * it looks around, writes a file in many steps, runs things that print some KB, commits and opens a pull request.
 */

const folder = "lapse"
const file = `${folder}/src/table.js`
export const task = `Add a table of conversions to the sample library, with a test for each of its rows. Find out first how the library names and orders its units, what its tests look like, and which of its parts round. Keep to the style that is there, run the tests after each change, and open a pull request that says what was done and why.`

type Call = { name: string; input: Record<string, unknown> }

const thought =
  "The last result is what I expected, so the order of the units is settled. What I don't know yet is how the rows are named where a unit is left out. I'll look at that before I write the next row, because a name that has to change later changes the test as well."
const words =
  "That works as it should: the row is there, in the order that the units have elsewhere, and nothing that passed before fails now. The next step is the row for the following unit. It has the same form as the one before, but its name is derived from the unit's own, so that nobody has to keep two lists in step. I'll add it with its test, run everything once more, and look at the output rather than trust the exit code. If the rounding shows up here as well I'll take the shared function apart first, since a second copy of it would be the wrong way to get this done."

const todo = (done: number): Call => ({
  name: "todo",
  input: {
    items: ["Look around", "Write the rows", "Test the rows", "Open a pull request"].map((text, index) => ({
      text,
      status: index < done ? "done" : index === done ? "active" : "pending",
    })),
  },
})
const bash = (command: string): Call => ({ name: "bash", input: { command } })
const read = (path: string): Call => ({ name: "read", input: { path: `${folder}/${path}` } })
const grep = (pattern: string): Call => ({ name: "grep", input: { pattern, path: folder } })
/** A command that prints about as much as a run of tests does. */
const print = (lines: number) =>
  bash(
    `cd ${folder} && node --test 2>&1 | tail -n 25; for i in $(seq ${lines}); do echo "ok $i - the row of unit $i is shown as it is read, and read as it is shown"; done`,
  )

const row = (number: number) => `
/** How many of unit ${number} make one of the next, and how the table writes that. */
export function row${number}(value) {
  const whole = Math.floor(value / ${number + 1})
  const rest = value - whole * ${number + 1}
  if (rest === 0) return String(whole) + " of unit ${number}"
  return String(whole) + " of unit ${number} and " + String(rest) + " of what is left over"
}
`
const mark = "// The rows end here.\n"
const edit = (number: number): Call => ({
  name: "edit",
  input: { path: file, old: mark, new: `${row(number)}${mark}` },
})

/** Single calls, and groups that run side by side. */
const groups: Call[][] = [
  [{ name: "title", input: { title: "Add a table of conversions" } }, todo(0)],
  [read("README.md"), read("package.json"), read("docs/issues/7-sixty-seconds.md")],
  [grep("Math\\."), grep("export"), { name: "glob", input: { pattern: "**/*.js", path: folder } }],
  [read("src/unit.js"), read("src/format.js"), read("src/parse.js")],
  [read("test/format.test.js"), read("test/parse.test.js")],
  [print(40), bash(`cd ${folder} && git log --stat`), bash(`cd ${folder} && ls -R src test docs`)],
  [todo(1)],
  [{ name: "write", input: { path: file, content: `import { units } from "./unit.js"\n${mark}` } }],
  ...Array.from({ length: 14 }, (_, index) => [[edit(index)], [print(20 + 4 * index)]]).flat(),
  [grep("row\\d+"), read("src/table.js"), read("src/index.js")],
  [todo(2)],
  [bash(`cd ${folder} && git status --short && git diff --stat`), print(50)],
  [bash(`cd ${folder} && git add --all && git commit --quiet -m "Add a table of conversions" && git log -1 --stat`)],
  [{ name: "pull_request", input: { title: "Add a table of conversions", body: `${words}\n\n${words}\n` } }, todo(4)],
  [print(60), bash(`cd ${folder} && git log --oneline`)],
  [grep("TODO"), read("src/table.js")],
  [{ name: "message_user", input: { text: "The pull request is open; a last look at the whole is left." } }],
]

/** The answer after `made` others. */
export function answer(made: number): Answer {
  const calls = (groups[made] ?? []).map((call, index) => ({ ...call, id: `toolu_${made}_${index}` }))
  return { thinking: `${thought} (${made + 1})`, text: words, calls }
}

export const answers = groups.length + 1
export const calls = groups.flat().length
