import { Door } from "../../component/sign-in/door.tsx"
import { useI18n } from "../../context/i18n.tsx"

export default function Out() {
  const i18n = useI18n()
  return (
    <Door title={i18n.t("signIn.out.title")} text={i18n.t("signIn.out.text")}>
      <a href="/auth/login" rel="external" class="button" data-kind="primary">
        {i18n.t("signIn.again")}
      </a>
    </Door>
  )
}
