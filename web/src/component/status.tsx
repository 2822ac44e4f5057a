import type { Status as Value } from "@remote-swe/core/session/schema"
import { useI18n } from "../context/i18n.tsx"

export function Mark(props: { status: Value }) {
  return <span class="mark" data-status={props.status} aria-hidden="true" />
}

export function Status(props: { status: Value; stopping?: boolean }) {
  const i18n = useI18n()
  return (
    <span class="status" data-status={props.status}>
      <Mark status={props.status} />
      {props.stopping ? i18n.t("status.stopping") : i18n.t(`status.${props.status}`)}
    </span>
  )
}
