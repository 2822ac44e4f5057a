import { Show } from "solid-js"
import { todoOf } from "../../lib/call.ts"
import { Plan } from "../session/plan.tsx"

export function Todo(props: { input: Record<string, unknown> }) {
  return (
    <Show when={todoOf(props.input).length > 0}>
      <Plan items={todoOf(props.input)} />
    </Show>
  )
}
