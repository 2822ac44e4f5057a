import { createEffect, type ParentProps, Show } from "solid-js"

interface Props {
  open: boolean
  onClose(): void
  label: string
  class?: string
}

/** The browser's own dialog: focus stays inside, Escape and a press outside close it. */
export function Dialog(props: ParentProps<Props>) {
  const refs: { dialog?: HTMLDialogElement } = {}
  createEffect(() => {
    if (props.open && !refs.dialog?.open) refs.dialog?.showModal()
    if (!props.open) refs.dialog?.close()
  })
  return (
    <dialog
      ref={(element) => (refs.dialog = element)}
      class={props.class}
      aria-label={props.label}
      onClose={() => props.onClose()}
      onClick={(event) => event.target === event.currentTarget && props.onClose()}
    >
      <Show when={props.open}>{props.children}</Show>
    </dialog>
  )
}
