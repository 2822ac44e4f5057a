import { Title } from "@solidjs/meta"
import { useI18n } from "../context/i18n.tsx"

export function PageTitle(props: { text: string }) {
  const i18n = useI18n()
  return <Title>{`${props.text} · ${i18n.t("app.name")}`}</Title>
}
