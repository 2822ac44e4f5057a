import type { Change } from "@remote-swe/core/log/schema"
import { For } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"

const letters = { added: "A", modified: "M", deleted: "D", renamed: "R" } as const

export function ChangeList(props: { changes: readonly Change[] }) {
  const i18n = useI18n()
  return (
    <ul class="changes">
      <For each={props.changes}>
        {(change) => (
          <li>
            <span class="letter" data-status={change.status} title={i18n.t(`diff.${change.status}`)}>
              <span aria-hidden="true">{letters[change.status]}</span>
              <span class="hidden-label">{i18n.t(`diff.${change.status}`)}</span>
            </span>
            <span class="mono truncate" title={change.path}>
              {change.path}
            </span>
            <span class="count">
              <span class="plus">+{change.additions}</span> <span class="minus">−{change.deletions}</span>
            </span>
          </li>
        )}
      </For>
    </ul>
  )
}
