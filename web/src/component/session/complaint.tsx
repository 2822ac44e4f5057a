import { Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { useSession } from "../../context/session.tsx"
import { messageOf } from "../../lib/problem.ts"
import { Icon } from "../icon.tsx"

/** What was asked for and could not be done. Lies over the page, so that nothing moves. */
export function Complaint() {
  const i18n = useI18n()
  const { complaint, dismiss } = useSession()
  return (
    <Show when={complaint()}>
      {(error) => (
        <p class="problem complaint" role="alert">
          {messageOf(error(), i18n)}
          <button type="button" class="link" aria-label={i18n.t("dialog.close")} onClick={dismiss}>
            <Icon name="cross" size={14} />
          </button>
        </p>
      )}
    </Show>
  )
}
