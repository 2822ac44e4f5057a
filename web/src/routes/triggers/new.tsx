import { createAsync } from "@solidjs/router"
import { Show } from "solid-js"
import { PageTitle } from "../../component/page-title.tsx"
import { TriggerForm } from "../../component/trigger/trigger-form.tsx"
import { useI18n } from "../../context/i18n.tsx"
import { getSystem } from "../../lib/system.ts"

export default function NewTrigger() {
  const i18n = useI18n()
  const system = createAsync(() => getSystem(), { deferStream: true })
  return (
    <div class="column" data-width="narrow">
      <PageTitle text={i18n.t("trigger.new")} />
      <header>
        <h1>{i18n.t("trigger.new")}</h1>
      </header>
      <Show when={system()}>{(system) => <TriggerForm system={system()} />}</Show>
    </div>
  )
}
