import { createAsync } from "@solidjs/router"
import { Show } from "solid-js"
import { PageTitle } from "../component/page-title.tsx"
import { ApiKeys } from "../component/settings/api-keys.tsx"
import { Appearance } from "../component/settings/appearance.tsx"
import { Egress } from "../component/settings/egress.tsx"
import { Notifications } from "../component/settings/notifications.tsx"
import { useI18n } from "../context/i18n.tsx"
import { getPerson } from "../lib/sign-in/person.ts"

export default function Settings() {
  const i18n = useI18n()
  const person = createAsync(() => getPerson(), { deferStream: true })
  // Null is the owner; undefined is not known yet.
  const mayManage = () => person() === null || person()?.role === "admin"
  return (
    <div class="column" data-width="narrow">
      <PageTitle text={i18n.t("settings.title")} />
      <header>
        <h1>{i18n.t("settings.title")}</h1>
      </header>
      <Appearance />
      <Notifications />
      <Show
        when={mayManage()}
        fallback={
          <Show when={person()}>
            <Managed />
          </Show>
        }
      >
        <ApiKeys />
      </Show>
      <Egress mayManage={mayManage()} />
    </div>
  )
}

/** For members, who use no keys of their own making. */
function Managed() {
  const i18n = useI18n()
  return (
    <section class="section">
      <h2>{i18n.t("settings.keys")}</h2>
      <p class="muted">{i18n.t("settings.keys.managed")}</p>
    </section>
  )
}
