import type { Read } from "@remote-swe/core/log/schema"
import { createSignal, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { useSession } from "../../context/session.tsx"
import { messageOf } from "../../lib/problem.ts"
import { wholeEvent } from "../../lib/session.ts"

/** Offers all the text of an event that was shortened for the log. */
export function Whole(props: { seq: number; children(event: Read): string }) {
  const i18n = useI18n()
  const { state } = useSession()
  const [text, setText] = createSignal<string>()
  const [problem, setProblem] = createSignal<string>()
  const show = () =>
    wholeEvent(state.info.id, props.seq).then(
      (event) => setText(props.children(event)),
      (error: unknown) => setProblem(messageOf(error, i18n)),
    )
  return (
    <div class="whole">
      <Show
        when={text()}
        fallback={
          <p class="aside">
            {problem() ?? i18n.t("event.cut")}{" "}
            <button type="button" class="link" onClick={show}>
              {i18n.t("event.whole")}
            </button>
          </p>
        }
      >
        <pre tabindex="0">{text()}</pre>
      </Show>
    </div>
  )
}
