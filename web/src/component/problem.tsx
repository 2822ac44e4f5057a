import { Show } from "solid-js"

/** What is wrong with a field, where it stands. */
export function Problem(props: { id: string; text: string | undefined }) {
  return (
    <Show when={props.text}>
      <p class="problem" id={props.id} role="alert">
        {props.text}
      </p>
    </Show>
  )
}
