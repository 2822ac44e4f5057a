import { createEffect, createSignal, onCleanup, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { useSession } from "../../context/session.tsx"

/** The model did not answer; says when it is asked again. */
export function Retry() {
  const i18n = useI18n()
  const { state } = useSession()
  const [now, setNow] = createSignal(0)
  createEffect(() => {
    if (!state.chat.retry) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1000)
    onCleanup(() => clearInterval(timer))
  })
  return (
    <Show when={state.chat.retry}>
      {(retry) => {
        const seconds = () => Math.ceil((retry().untilMs - now()) / 1000)
        return (
          <p class="retry" role="status">
            {seconds() > 0
              ? i18n.t("output.retry", { reason: retry().reason, seconds: seconds() })
              : i18n.t("output.retryNow", { reason: retry().reason })}
          </p>
        )
      }}
    </Show>
  )
}
