import { readFileSync } from "node:fs"
import type { Result } from "./conversation.ts"

/** The recorded task, step by step. A step is one answer of the model. */
export interface Step {
  name: string
  thinking?: string
  text: string
  calls: { name: string; input: Record<string, unknown> }[]
  /** What is wrong with what the tools returned; undefined when it is as it should be. */
  look(results: Result[]): string | undefined
}

const file = (name: string) => readFileSync(new URL(`./recording/${name}.txt`, import.meta.url), "utf8")
const folder = "lapse"
const runTests = { name: "bash", input: { command: `cd ${folder} && node --test --test-reporter=spec` } }
export const branchTitle = "Carry when format rounds up to the next unit"

const plan = ["Understand the issue and see it fail", "Fix the cause", "Add a regression test", "Open a pull request"]
const todo = (done: number) => ({
  name: "todo",
  input: {
    items: plan.map((text, index) => ({
      text,
      status: index < done ? "done" : index === done ? "active" : "pending",
    })),
  },
})

/** `# pass 8` of one reporter of node's test runner, `ℹ pass 8` of another. */
export function counts(result: Result | undefined) {
  const number = (word: string) => {
    const [, digits] = new RegExp(`^(?:#|ℹ) ${word} (\\d+)`, "m").exec(result?.text ?? "") ?? []
    return digits === undefined ? undefined : Number(digits)
  }
  return { passed: number("pass"), failed: number("fail") }
}

function failed(results: Result[]) {
  const error = results.find((result) => result.error)
  return error && `a tool answered with an error:\n\n${quote(error.text)}`
}

function lacks(results: Result[], wanted: string) {
  if (failed(results)) return failed(results)
  if (results.some((result) => result.text.includes(wanted))) return
  return `I looked for \`${wanted}\` in what came back, and it is not there:\n\n${quote(results.at(-1)?.text ?? "")}`
}

function allPass(results: Result[], least: number) {
  const { passed, failed } = counts(results[0])
  if (failed === 0 && passed !== undefined && passed >= least) return
  return `the tests should pass now, at least ${least} of them, and they don't:\n\n${quote(results[0]?.text ?? "")}`
}

/** The end of a text, where tools say what went wrong. */
export function quote(text: string) {
  const lines = text.trimEnd().split("\n").slice(-12)
  return ["```", ...lines.map((line) => line.slice(0, 200).replaceAll("```", "'''")), "```"].join("\n")
}

export const steps: Step[] = [
  {
    name: "plan",
    thinking:
      "The task points to an issue. I want to read it before I look at any code, then see the failure myself: a bug that I have not seen is a bug that I cannot know to be fixed.",
    text: "I'll start with the issue, then reproduce it before I change anything.",
    calls: [{ name: "title", input: { title: "Fix format() counting to sixty" } }, todo(0)],
    look: failed,
  },
  {
    name: "issue",
    thinking: "The issue first, and the README for how the project is tested.",
    text: "",
    calls: [
      { name: "read", input: { path: `${folder}/docs/issues/7-sixty-seconds.md` } },
      { name: "read", input: { path: `${folder}/README.md` } },
    ],
    look: (results) => {
      const problem = lacks(results, "1m 60s")
      return (
        problem && `${problem}\n\nThe task belongs to the sample repository; the page for a new session suggests both.`
      )
    },
  },
  {
    name: "reproduce",
    thinking: "119.7 seconds should be written as 2m. The test that fails has a name, so I can see it for myself.",
    text: "The issue names a failing test, and says that it is not only about seconds (`23h 60m`). Let me see it fail.",
    calls: [runTests],
    look(results) {
      const { failed } = counts(results[0])
      if (failed === 0) return "the test that the issue names passes already, so somebody has fixed the bug before me."
      if (failed !== undefined && results[0]?.text.includes("1m 60s")) return
      return `I expected one test to fail with \`1m 60s\`, and got this:\n\n${quote(results[0]?.text ?? "")}`
    },
  },
  {
    name: "inspect",
    thinking: "Something rounds where it cannot carry. Where does this code round?",
    text: "There it is: `'1m 60s' !== '2m'`. Now the code that rounds.",
    calls: [
      { name: "grep", input: { pattern: "Math\\.(round|floor)", path: folder } },
      { name: "read", input: { path: `${folder}/src/format.js` } },
    ],
    look: (results) => lacks(results, "Math.round(rest / unit.ms)"),
  },
  {
    name: "fix",
    thinking:
      "The loop takes whole units off and rounds only the last one. When that one rounds up to 60, the minutes are already written, so there is nowhere to carry to. Clamping at 60 would turn 1m 60s into 2m 0s at best, and miss 23h 59m 59.999s, which is 1d: there the carry goes through several units and changes which units are shown. So: round the total first, to the smallest unit that will be shown, then choose the units again, then split with floor.",
    text: "The cause: `format` writes the larger parts first and rounds only the last one, so a last part that rounds up to 60 has nowhere to carry to. Rounding the *total* first, and choosing the units after that, fixes every such case and not only the seconds.",
    calls: [
      { name: "edit", input: { path: `${folder}/src/format.js`, old: file("before"), new: file("after") } },
      {
        name: "edit",
        input: { path: `${folder}/src/format.js`, old: file("helper-before"), new: file("helper-after") },
      },
      todo(1),
    ],
    look: failed,
  },
  {
    name: "verify",
    thinking: "Now the same tests again.",
    text: "",
    calls: [runTests],
    look: (results) => allPass(results, 8),
  },
  {
    name: "guard",
    thinking:
      "One value is not much of a proof. The issue mentions 23h 60m as well, so I want a test that goes around every boundary.",
    text: "The failing test passes, and nothing else broke. It checks one value only, so I'll add a test for carries through several units, and one that sweeps around every unit's boundary.",
    calls: [{ name: "write", input: { path: `${folder}/test/carry.test.js`, content: file("test") } }, todo(2)],
    look: failed,
  },
  {
    name: "sweep",
    thinking: "All tests, the new ones included.",
    text: "",
    calls: [runTests],
    look: (results) => allPass(results, 10),
  },
  {
    name: "commit",
    thinking: "Ten of ten. I'll commit the fix and its test together.",
    text: "All green. Time to commit.",
    calls: [
      {
        name: "bash",
        input: {
          command: [
            `cd ${folder}`,
            "git add --all",
            // Nothing is left to commit when this command is repeated after an interruption.
            `(git diff --cached --quiet || git commit --quiet -m "${branchTitle}")`,
            "git log -1 --stat --format='%h %s'",
          ].join(" && "),
        },
      },
    ],
    look: (results) => lacks(results, branchTitle),
  },
  {
    name: "propose",
    thinking: "The reviewer should learn why clamping would not have been enough.",
    text: "",
    calls: [{ name: "pull_request", input: { title: branchTitle, body: file("pull-request") } }, todo(4)],
    look: failed,
  },
]
