import type { Language } from "./schema.ts"

/** What a notification says below the session's title: what happened, and nothing of what stands in it. */

const en = {
  done: "Finished.",
  failed: "Failed. Open the session to see why.",
  limit: "Ended at a limit. Open the session to go on.",
  question: "Has a question for you.",
  approval: "Asks for your approval.",
  budget: "Reached its budget and asks how to go on.",
  pullRequest: (number: number) => `Opened pull request #${number}.`,
}

export type Words = typeof en

const ja: Words = {
  done: "作業が完了しました。",
  failed: "失敗しました。セッションを開いて理由を確認してください。",
  limit: "上限に達したため終了しました。セッションを開くと続けられます。",
  question: "質問があります。",
  approval: "承認を求めています。",
  budget: "予算に達しました。続け方を尋ねています。",
  pullRequest: (number) => `プルリクエスト #${number} を作成しました。`,
}

const all: Record<Language, Words> = { en, ja }

export const words = (language: Language) => all[language]
