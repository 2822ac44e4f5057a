import { randomUUID } from "node:crypto"
import { callID, type Conversation, type Round } from "./conversation.ts"
import { branchTitle, counts, type Step, steps } from "./recording.ts"
import type { Answer } from "./stream.ts"

const realModel = "To work with a real model, end the program and start it with a key: `ANTHROPIC_API_KEY=… npm start`."
const attempts = 4

/** What the demo model says next in this conversation. It remembers nothing else. */
export function next(conversation: Conversation, tools: readonly string[]): Answer {
  if (!conversation.known) return speak(unknown)
  const { rounds } = conversation
  const problem = trouble(rounds)
  if (problem) return speak(conversation.ended ? stuck(problem) : unexpected(problem))

  const step = steps.find((item) => !rounds.some((round) => round.step === item.name && !interrupted(round)))
  if (!step) return speak(conversation.ended ? afterwards : summary(rounds))
  const missing = step.calls.find((call) => !tools.includes(call.name))
  if (missing) return speak(unexpected(`I need a tool called \`${missing.name}\`, and I was not given one.`))
  const remark = conversation.interjected ? `${interjection}\n\n${step.text}`.trim() : step.text
  return {
    ...(step.thinking && { thinking: step.thinking }),
    text: remark,
    calls: step.calls.map((call, index) => ({ ...call, id: callID(step.name, index, salt()) })),
  }
}

const speak = (text: string): Answer => ({ text, calls: [] })
const salt = () => randomUUID().replaceAll("-", "").slice(0, 12)

/**
 * A worker that ended in the middle of a call, or a person who stepped in, leaves this behind; the step
 * is then taken again.
 */
function interrupted(round: Round) {
  return round.results.some((result) => result.error && /^Not run|interrupted|\bstopped\b/i.test(result.text))
}

function trouble(rounds: Round[]): string | undefined {
  for (const step of steps) {
    const tries = rounds.filter((round) => round.step === step.name)
    const whole = tries.find((round) => !interrupted(round))
    if (whole && !doneBefore(step, tries, whole)) {
      const problem = step.look(whole.results)
      if (problem) return problem
    }
    if (!whole && tries.length >= attempts) return `the step "${step.name}" was interrupted ${tries.length} times.`
  }
}

/** An edit that was interrupted may have happened all the same; the tests that follow will tell. */
function doneBefore(step: Step, tries: Round[], whole: Round) {
  return step.name === "fix" && tries.length > 1 && whole.results.some((result) => result.error)
}

function summary(rounds: Round[]) {
  const last = (name: string) => rounds.findLast((round) => round.step === name)?.results[0]
  const { passed } = counts(last("sweep"))
  const opened = last("propose")
    ?.text.split("\n")
    .find((line) => line.trim() !== "")
  return `Issue 7 is fixed, and a pull request is open.

* **Cause:** \`format\` rounded the last part only, after the larger ones were written, so it could not carry.
* **Change:** \`src/format.js\` rounds the whole length first and then chooses the units. ${"`23h 59m 59.999s`"} is now \`1d\`.
* **Tests:** all ${passed} pass; before the change one failed. \`test/carry.test.js\` is new and sweeps around every unit's boundary.
* **Commit:** ${branchTitle}.
${opened ? `* **Pull request:** ${opened.trim()}\n` : ""}
This was the demo model, playing a recorded task: what it did is real, what it thought was written beforehand. ${realModel}`
}

const unexpected = (problem: string) => `This is not what I expected: ${problem}

I am a demo model that plays one recorded task. I can see that something is different here, but not think about it, so I stop rather than guess. ${realModel}`

const stuck = (problem: string) => `I am a demo model, and my recording ended early here: ${problem}

Your message is in the log, but I cannot act on it. Begin a new session with the suggested task to see the recording to its end. ${realModel}`

const interjection =
  "I have your message. As a demo model I can only play my recording, so I cannot act on it; I go on where I was."

const afterwards = `I am a demo model, and the one task that I know is done: your message is in the log, but I cannot act on it. The branch and the pull request above are real, and yours to look at. ${realModel}`

const unknown = `I am a demo model: I play one recorded task, on the sample library that comes with this program, and I know no other. Choose the suggested task on the page for a new session to see it: an issue is read, a bug found and fixed, tests run, and a pull request opened.

Everything but the model is real. ${realModel}`
