import { A, revalidate } from "@solidjs/router"
import { Show } from "solid-js"
import { getRequestEvent, isServer } from "solid-js/web"
import { useI18n } from "../context/i18n.tsx"
import { codeOf, messageOf } from "../lib/problem.ts"
import { PageTitle } from "./page-title.tsx"
import { SignInLink } from "./sign-in/sign-in-link.tsx"

/** A page that could not be shown, and what to do about it. */
export function Sorry(props: { error: unknown; reset?: () => void }) {
  const i18n = useI18n()
  const code = () => codeOf(props.error)
  const kind = () => {
    if (code() === "page.missing" || code() === "trigger.missing") return "error.missing" as const
    if (code() === "session.missing" || code() === "input.invalid") return "error.session" as const
    return code() === "actor.unknown" ? ("error.unauthorized" as const) : undefined
  }
  if (isServer) answerWith(code() === "actor.unknown" ? 401 : kind() ? 404 : 500)
  return (
    <div class="sorry">
      <PageTitle text={i18n.t(`${kind() ?? "error"}.title`)} />
      <h1>{i18n.t(`${kind() ?? "error"}.title`)}</h1>
      <p class="muted">{i18n.t(`${kind() ?? "error"}.text`)}</p>
      <Show when={!kind()}>
        <p class="problem">{messageOf(props.error, i18n)}</p>
      </Show>
      <div class="fields">
        <Show when={!kind() && props.reset}>
          {(reset) => (
            <button type="button" class="button" data-kind="primary" onClick={() => void revalidate().then(reset())}>
              {i18n.t("error.retry")}
            </button>
          )}
        </Show>
        <Show when={code() === "actor.unknown"}>
          <SignInLink />
        </Show>
        <A href="/" class="button">
          {i18n.t("error.home")}
        </A>
      </div>
    </div>
  )
}

/** Works where the page's head has not been sent yet. */
function answerWith(status: number) {
  const event = getRequestEvent()
  if (event) event.response.status = status
}
