import { PageTitle } from "../component/page-title.tsx"
import { ApiKeys } from "../component/settings/api-keys.tsx"
import { Appearance } from "../component/settings/appearance.tsx"
import { useI18n } from "../context/i18n.tsx"

export default function Settings() {
  const i18n = useI18n()
  return (
    <div class="column" data-width="narrow">
      <PageTitle text={i18n.t("settings.title")} />
      <header>
        <h1>{i18n.t("settings.title")}</h1>
      </header>
      <Appearance />
      <ApiKeys />
    </div>
  )
}
