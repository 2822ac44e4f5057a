import { useLocation } from "@solidjs/router"
import { useI18n } from "../../context/i18n.tsx"
import { loginPath } from "../../lib/sign-in/path.ts"

/** To the issuer, and back to the page that is shown. */
export function SignInLink() {
  const i18n = useI18n()
  const location = useLocation()
  return (
    <a
      href={loginPath(location.pathname + location.search)}
      rel="external"
      class="button"
      data-kind="primary"
      data-size="small"
    >
      {i18n.t("signIn.again")}
    </a>
  )
}
