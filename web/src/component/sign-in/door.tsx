import type { JSX } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { Logo } from "../icon.tsx"
import { PageTitle } from "../page-title.tsx"

interface Props {
  title: string
  text: string
  children: JSX.Element
}

/** A page for people who are not signed in. */
export function Door(props: Props) {
  const i18n = useI18n()
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
