import { useSearchParams } from "@solidjs/router"
import { Door } from "../../component/sign-in/door.tsx"
import { useI18n } from "../../context/i18n.tsx"
import { loginPath, returnPath } from "../../lib/sign-in/path.ts"
import { reasonOf } from "../../lib/sign-in/reason.ts"

/** Why signing in did not work, and the way to try again. */
export default function Problem() {
  const i18n = useI18n()
  const [search] = useSearchParams<{ reason?: string; to?: string }>()
  const reason = () => reasonOf(search.reason)
  // Else the issuer would send the same person back at once.
  const isOther = () => reason() === "role" || reason() === "refused"
  const href = () => loginPath(returnPath(search.to)) + (isOther() ? "&again" : "")
  return (
    <Door title={i18n.t(`signIn.problem.${reason()}.title`)} text={i18n.t(`signIn.problem.${reason()}.text`)}>
      <a href={href()} rel="external" class="button" data-kind="primary">
        {i18n.t(isOther() ? "signIn.somebodyElse" : "signIn.retry")}
      </a>
    </Door>
  )
}
