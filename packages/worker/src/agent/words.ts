export * as Words from "./words.ts"
import type { Call, Outcome } from "@remote-swe/core/log/schema"
import type { Info as Model } from "@remote-swe/core/model/schema"
import type { ModelError, Problem } from "../model/model.ts"
import { stopAt } from "./repeat.ts"

/** What the loop says to people and to the model, in one place. */

type Ended = { outcome: Outcome; code: string; message: string }

export const refused: Ended = {
  outcome: "failed",
  code: "model.refused",
  message: "The model declined to answer this. Say it in another way, or choose another model.",
}

export const cutOff: Ended = {
  outcome: "failed",
  code: "model.cut_off",
  message: "The model's answers were cut off several times in a row. Ask for something smaller, or try again.",
}

export const full: Ended = {
  outcome: "failed",
  code: "context.full",
  message: "The conversation no longer fits into the model's context. Begin a new session, or use a larger model.",
}

export const limit = (calls: number): Ended => ({
  outcome: "limit",
  code: "turn.limit",
  message: `This turn has called the model ${calls} times, which is the limit. Send a message to go on.`,
})

const reasons: Record<Problem, string> = {
  rate: "The model provider limits how much may be asked of it, and waiting did not help.",
  overloaded: "The model provider is overloaded, and waiting did not help.",
  network: "The model provider could not be reached.",
  server: "The model provider had an error of its own, several times in a row.",
  too_long: "The conversation is too long for the model.",
  credentials: "The model provider does not accept our credentials.",
  invalid: "The model provider did not accept the request.",
}

export const failed = (error: ModelError): Ended => ({
  outcome: "failed",
  code: `model.${error.problem}`,
  message: `${reasons[error.problem]} It said: ${error.message.slice(0, 500)}. Send a message to try again.`,
})

export const callCutOff =
  "Your answer reached its longest length, and this call was cut off in the middle, so it was not run. " +
  "Do it again in smaller pieces."

export const notRunStopped = "Not run: the user stopped you first."
export const notRunSteered = "Not run: a new message of the user came in first. Run it again if it is still needed."

export const nudge =
  "You have done the same thing several times with the same result. Do something else, or say what keeps you from it."

export function repeating(calls: readonly Call[]) {
  const names = [...new Set(calls.map((call) => call.name))].join(", ")
  return {
    text: `I have done the same thing (${names}) ${stopAt} times with the same result, so I have stopped. How should I go on?`,
    options: [],
  }
}

const dollars = (amount: number) => `$${amount.toFixed(amount < 1 ? 4 : 2)}`

export const budgetQuestion = (limit: number, spent: number) => ({
  text: `This session has cost ${dollars(spent)}, and its budget is ${dollars(limit)}. May it go on?`,
  options: ["Allow as much again", "Stop here"],
})

export const budgetReached = (limit: number, spent: number): Ended => ({
  outcome: "limit",
  code: "budget.reached",
  message: `This session has cost ${dollars(spent)} of its budget of ${dollars(limit)}, and was not allowed more.`,
})

export const unknownPrice = "price.unknown"
export const priceUnknown = (model: Model) => ({
  kind: "notice" as const,
  level: "warning" as const,
  code: unknownPrice,
  text: `The price of ${model.name} is unknown, so what it costs does not count against the budget.`,
})
