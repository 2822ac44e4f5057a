import { useI18n } from "../../context/i18n.tsx"

/** What this version has no view for, as it stands in the log. */
export function Raw(props: { kind: string; raw: unknown }) {
  const i18n = useI18n()
  return (
    <details class="fold">
      <summary>{i18n.t("event.unknown", { kind: props.kind })}</summary>
      <pre tabindex="0">{JSON.stringify(props.raw, undefined, 2)}</pre>
    </details>
  )
}
