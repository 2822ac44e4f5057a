import { useI18n } from "../context/i18n.tsx"
import { repositoryName } from "../lib/repository.ts"

interface Task {
  title: string
  message: string
  repository: string
}

/** A task that is known to work here, one press away. */
export function Suggestion(props: { task: Task; disabled: boolean; onRun(): void }) {
  const i18n = useI18n()
  return (
    <section class="suggestion">
      <div>
        <p class="label">{i18n.t("new.suggested")}</p>
        <h2>{props.task.title}</h2>
        <p class="muted">{props.task.message}</p>
        <p class="mono muted">{repositoryName(props.task.repository)}</p>
      </div>
      <button type="button" class="button" data-kind="primary" disabled={props.disabled} onClick={() => props.onRun()}>
        {i18n.t("new.suggested.run")}
      </button>
    </section>
  )
}
