import type { TodoItem } from "@remote-swe/core/log/schema"
import { For } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"

export function Plan(props: { items: readonly TodoItem[] }) {
  const i18n = useI18n()
  return (
    <ol class="plan">
      <For each={props.items}>
        {(item) => (
          <li data-status={item.status}>
            <span class="hidden-label">{i18n.t(`todo.${item.status}`)}: </span>
            {item.text}
          </li>
        )}
      </For>
    </ol>
  )
}
