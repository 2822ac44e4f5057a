import { createEffect, createMemo, createSignal, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { field, streamed } from "../../lib/call.ts"
import type { CallPiece } from "../../lib/chat.ts"
import { plain } from "../../lib/plain.ts"

/** Lines that are shown before somebody asks for all of them. */
const shownLines = 12

/**
 * What was run and what it printed: its last lines, while it runs and afterwards, so that nothing
 * jumps when it ends.
 */
export function Console(props: { call: CallPiece }) {
  const i18n = useI18n()
  const [all, setAll] = createSignal(false)
  const refs: { output?: HTMLPreElement } = {}
  const command = () => {
    if (props.call.name !== "bash") return
    return (
      field(props.call.input, "command") ?? field(props.call.input, "script") ?? streamed(props.call.raw, "command")
    )
  }
  const lines = createMemo(() =>
    plain(props.call.result?.text ?? props.call.progress)
      .replace(/\n+$/, "")
      .split("\n"),
  )
  const hidden = () => lines().length - shownLines
  const text = () => (all() ? lines() : lines().slice(-shownLines)).join("\n")
  createEffect(() => {
    text()
    if (!all() && props.call.state === "running") refs.output?.scrollTo({ top: refs.output.scrollHeight })
  })
  return (
    <div class="console">
      <Show when={command()}>
        {(command) => (
          <pre class="command" tabindex="0">
            {command()}
          </pre>
        )}
      </Show>
      <Show
        when={text()}
        fallback={<p class="aside">{props.call.result ? i18n.t("call.noOutput") : i18n.t(stateOf(props.call))}</p>}
      >
        <pre ref={(element) => (refs.output = element)} class="output" tabindex="0" aria-label={i18n.t("call.output")}>
          {text()}
        </pre>
      </Show>
      <Show when={hidden() > 0}>
        <button type="button" class="link" onClick={() => setAll(!all())}>
          {all() ? i18n.t("call.showLess") : i18n.t("call.showAll", { count: i18n.words.number(lines().length) })}
        </button>
      </Show>
    </div>
  )
}

const stateOf = (call: CallPiece) => (call.state === "done" ? ("call.ok" as const) : (`call.${call.state}` as const))
