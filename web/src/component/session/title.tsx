import { useAction } from "@solidjs/router"
import { createSignal, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { useSession } from "../../context/session.tsx"
import { updateSession } from "../../lib/session.ts"

/** The title, which turns into a field when it is pressed. */
export function Title() {
  const i18n = useI18n()
  const { state, attempt } = useSession()
  const update = useAction(updateSession)
  const [editing, setEditing] = createSignal(false)

  function save(text: string) {
    if (!editing()) return
    setEditing(false)
    const title = text.trim()
    if (!title || title === state.info.title) return
    void attempt(update(state.info.id, { title }))
  }

  return (
    <h1 class="title">
      <Show
        when={editing()}
        fallback={
          <button type="button" class="truncate" title={i18n.t("session.rename")} onClick={() => setEditing(true)}>
            {state.info.title}
          </button>
        }
      >
        <input
          class="input"
          ref={(element) => queueMicrotask(() => element.select())}
          value={state.info.title}
          maxlength={200}
          aria-label={i18n.t("session.renameLabel")}
          onBlur={(event) => save(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.isComposing) save(event.currentTarget.value)
            if (event.key === "Escape") setEditing(false)
          }}
        />
      </Show>
    </h1>
  )
}
