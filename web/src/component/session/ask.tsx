import { useAction } from "@solidjs/router"
import { createSignal, For, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { useSession } from "../../context/session.tsx"
import { messageOf } from "../../lib/problem.ts"
import { replyToSession } from "../../lib/session.ts"

/** What the agent waits for, answered where it stands. */
export function Ask() {
  const i18n = useI18n()
  const { state, reached } = useSession()
  const reply = useAction(replyToSession)
  const [text, setText] = createSignal("")
  const [problem, setProblem] = createSignal<string>()

  async function answer(askID: string, words: string, approved?: boolean) {
    setProblem(undefined)
    await reply(state.info.id, { askID, text: words, ...(approved !== undefined && { approved }) }).then(
      ({ head }) => {
        setText("")
        reached(head)
      },
      (error: unknown) => setProblem(messageOf(error, i18n)),
    )
  }

  return (
    <Show when={state.info.waitingOn}>
      {(ask) => (
        <form
          class="ask"
          onSubmit={(event) => {
            event.preventDefault()
            if (text().trim()) void answer(ask().askID, text())
          }}
        >
          <p class="label">{i18n.t(`ask.${ask().type}`)}</p>
          <p class="question">{ask().text}</p>
          <div class="options">
            <For each={ask().options}>
              {(option) => (
                <button type="button" class="button" onClick={() => void answer(ask().askID, option)}>
                  {option}
                </button>
              )}
            </For>
            <Show when={ask().type !== "question"}>
              <button
                type="button"
                class="button"
                data-kind="primary"
                onClick={() => void answer(ask().askID, text(), true)}
              >
                {i18n.t("ask.approve")}
              </button>
              <button type="button" class="button" onClick={() => void answer(ask().askID, text(), false)}>
                {i18n.t("ask.refuse")}
              </button>
            </Show>
          </div>
          <div class="fields">
            <input
              class="input"
              value={text()}
              aria-label={i18n.t("ask.answer")}
              placeholder={i18n.t("ask.answer")}
              onInput={(event) => setText(event.currentTarget.value)}
            />
            <Show when={ask().type === "question"}>
              <button class="button" data-kind="primary" disabled={!text().trim()}>
                {i18n.t("ask.send")}
              </button>
            </Show>
          </div>
          <Show when={problem()}>
            <p class="problem" role="alert">
              {problem()}
            </p>
          </Show>
        </form>
      )}
    </Show>
  )
}
