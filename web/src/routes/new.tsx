import { createAsync } from "@solidjs/router"
import { Show } from "solid-js"
import { NewForm } from "../component/new-form.tsx"
import { PageTitle } from "../component/page-title.tsx"
import { useI18n } from "../context/i18n.tsx"
import { getSystem } from "../lib/system.ts"

export default function New() {
  const i18n = useI18n()
  const system = createAsync(() => getSystem(), { deferStream: true })
  return (
    <div class="column" data-width="narrow">
      <PageTitle text={i18n.t("new.title")} />
      <header>
        <h1>{i18n.t("new.title")}</h1>
        <p>{i18n.t("new.lead")}</p>
      </header>
      <Show when={system()}>{(system) => <NewForm system={system()} />}</Show>
    </div>
  )
}
