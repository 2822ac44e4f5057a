import { createAsync, useParams } from "@solidjs/router"
import { Show, untrack } from "solid-js"
import { PageTitle } from "../../component/page-title.tsx"
import { TriggerForm } from "../../component/trigger/trigger-form.tsx"
import { useI18n } from "../../context/i18n.tsx"
import { getSystem } from "../../lib/system.ts"
import { getTrigger } from "../../lib/trigger.ts"

export default function EditTrigger() {
  const i18n = useI18n()
  const params = useParams<{ id: string }>()
  const trigger = createAsync(() => getTrigger(params.id), { deferStream: true })
  const system = createAsync(() => getSystem(), { deferStream: true })
  return (
    <div class="column" data-width="narrow">
      <PageTitle text={i18n.t("trigger.edit")} />
      <header>
        <h1>{i18n.t("trigger.edit")}</h1>
      </header>
      <Show when={system()}>
        {(system) => (
          // What is typed must not be lost when the trigger is read again.
          <Show when={trigger()?.id} keyed>
            {(_) => <TriggerForm system={system()} trigger={untrack(trigger)} />}
          </Show>
        )}
      </Show>
    </div>
  )
}
