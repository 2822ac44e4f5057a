import type { JSX } from "solid-js"
import { getRequestEvent, isServer } from "solid-js/web"
import { useI18n } from "../../context/i18n.tsx"
import { Logo } from "../icon.tsx"
import { PageTitle } from "../page-title.tsx"

interface Props {
  title: string
  text: string
  /** Of the answer. */
  status?: number
  children: JSX.Element
}

/** A page for people who are not signed in. */
export function Door(props: Props) {
  const i18n = useI18n()
  const event = isServer ? getRequestEvent() : undefined
  if (event && props.status) event.response.status = props.status
  return (
    <div class="sorry door">
      <PageTitle text={props.title} />
      <p class="brand">
        <Logo />
        <span>{i18n.t("app.name")}</span>
      </p>
      <h1>{props.title}</h1>
      <p class="muted">{props.text}</p>
      {props.children}
    </div>
  )
}
