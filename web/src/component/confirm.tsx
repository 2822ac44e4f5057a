import { createSignal, Show } from "solid-js"
import { useI18n } from "../context/i18n.tsx"
import { messageOf } from "../lib/problem.ts"
import { Dialog } from "./dialog.tsx"

interface Props {
  open: boolean
  title: string
  text: string
  confirm: string
  onClose(): void
  onConfirm(): Promise<unknown>
}

export function Confirm(props: Props) {
  const i18n = useI18n()
  const [pending, setPending] = createSignal(false)
  const [problem, setProblem] = createSignal<string>()

  function confirm() {
    setPending(true)
    setProblem(undefined)
    props
      .onConfirm()
      .then(
        () => props.onClose(),
        (error: unknown) => setProblem(messageOf(error, i18n)),
      )
      .finally(() => setPending(false))
  }

  return (
    <Dialog open={props.open} onClose={props.onClose} label={props.title}>
      <h2>{props.title}</h2>
      <p class="muted">{props.text}</p>
      <Show when={problem()}>
        <p class="problem" role="alert">
          {problem()}
        </p>
      </Show>
      <div class="buttons">
        <button type="button" class="button" autofocus onClick={() => props.onClose()}>
          {i18n.t("dialog.cancel")}
        </button>
        <button type="button" class="button" data-kind="danger" disabled={pending()} onClick={confirm}>
          {props.confirm}
        </button>
      </div>
    </Dialog>
  )
}
