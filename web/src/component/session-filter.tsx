import { Status } from "@remote-swe/core/session/schema"
import { createSignal, For, onCleanup } from "solid-js"
import { useI18n } from "../context/i18n.tsx"
import { useShortcuts } from "../context/shortcut.tsx"
import type { Filter } from "../lib/session-list.ts"

/** How long typing must rest before the list is asked again. */
const restMs = 200

export function SessionFilter(props: { filter: Filter; onChange(filter: Filter): void }) {
  const i18n = useI18n()
  const refs: { input?: HTMLInputElement } = {}
  useShortcuts().on("search", () => refs.input?.focus())
  const [timer, setTimer] = createSignal<ReturnType<typeof setTimeout>>()
  onCleanup(() => clearTimeout(timer()))

  function type(text: string) {
    clearTimeout(timer())
    setTimer(setTimeout(() => props.onChange({ search: text || undefined }), restMs))
  }

  return (
    <div class="filters" role="search">
      <input
        ref={(element) => (refs.input = element)}
        type="search"
        class="input"
        value={props.filter.search ?? ""}
        aria-label={i18n.t("list.search")}
        placeholder={i18n.t("list.search")}
        onInput={(event) => type(event.currentTarget.value)}
      />
      <div class="choice" role="group" aria-label={i18n.t("list.filter")}>
        <For each={[undefined, ...Status.options]}>
          {(status) => (
            <button
              type="button"
              aria-pressed={props.filter.status === status}
              onClick={() => props.onChange({ status })}
            >
              {status ? i18n.t(`status.${status}`) : i18n.t("list.all")}
            </button>
          )}
        </For>
      </div>
    </div>
  )
}
