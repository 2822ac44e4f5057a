import { createAsync, type RouteDefinition, useParams } from "@solidjs/router"
import { Show, untrack } from "solid-js"
import { SessionView } from "../../component/session/session-view.tsx"
import { openSession } from "../../lib/session.ts"

export const route = {
  preload: ({ params }) => void openSession(params.id ?? ""),
} satisfies RouteDefinition

export default function SessionPage() {
  const params = useParams<{ id: string }>()
  const opened = createAsync(() => openSession(params.id), { deferStream: true })
  // Reading the session again must not begin the page again: its own log keeps it in step.
  const id = () => opened()?.info.id
  return (
    <Show when={id()} keyed>
      {(_) => <Show when={untrack(opened)}>{(first) => <SessionView opened={untrack(first)} />}</Show>}
    </Show>
  )
}
