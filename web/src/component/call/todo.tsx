import { TodoItem } from "@remote-swe/core/log/schema"
import { Show } from "solid-js"
import * as v from "valibot"
import { Plan } from "../session/plan.tsx"

const Input = v.object({ items: v.array(TodoItem) })

export function Todo(props: { input: Record<string, unknown> }) {
  const items = () => {
    const parsed = v.safeParse(Input, props.input)
    return parsed.success ? parsed.output.items : []
  }
  return (
    <Show when={items().length > 0}>
      <Plan items={items()} />
    </Show>
  )
}
