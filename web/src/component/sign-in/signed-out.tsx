import { createSignal, onCleanup, onMount, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { watch } from "../../lib/sign-in/leave.ts"
import { SignInLink } from "./sign-in-link.tsx"

/** Says, whatever page is shown, that the sign-in has ended. What was typed is still there. */
export function SignedOut() {
  const i18n = useI18n()
  const [isOut, setOut] = createSignal(false)
  onMount(() => onCleanup(watch(() => setOut(true))))
  return (
    <Show when={isOut()}>
      <p class="signed-out" role="alert">
        {i18n.t("signIn.ended")}
        <SignInLink />
      </p>
    </Show>
  )
}
