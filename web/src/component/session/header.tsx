import { A, useAction } from "@solidjs/router"
import { createSignal, For, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { useSession } from "../../context/session.tsx"
import { useShortcuts } from "../../context/shortcut.tsx"
import { forkSession, removeSession, stopSession, updateSession } from "../../lib/session.ts"
import { Confirm } from "../confirm.tsx"
import { Icon } from "../icon.tsx"
import { Menu } from "../menu.tsx"
import { Status } from "../status.tsx"
import { Complaint } from "./complaint.tsx"
import type { View } from "./session-view.tsx"
import { Title } from "./title.tsx"

export function Header(props: { view: View; onView(view: View): void }) {
  const i18n = useI18n()
  const { state, attempt } = useSession()
  const stop = useAction(stopSession)
  const update = useAction(updateSession)
  const fork = useAction(forkSession)
  const remove = useAction(removeSession)
  const [deleting, setDeleting] = createSignal(false)
  const isBusy = () => state.info.turnID !== undefined || state.info.unread.length > 0
  const views: [View, "session.log" | "diff.title" | "session.details"][] = [
    ["log", "session.log"],
    ["changes", "diff.title"],
    ["details", "session.details"],
  ]

  function halt() {
    if (isBusy()) void attempt(stop(state.info.id))
  }
  useShortcuts().on("stop", halt)

  return (
    <header class="session-header">
      <A href="/" class="button" data-kind="plain" data-size="icon" aria-label={i18n.t("nav.sessions")}>
        <Icon name="back" />
      </A>
      <Title />
      <Status status={state.info.status} stopping={state.info.stopping} />
      <div class="choice" role="group" aria-label={i18n.t("session.views")}>
        <For each={views}>
          {([view, label]) => (
            <button type="button" aria-pressed={props.view === view} onClick={() => props.onView(view)}>
              {i18n.t(label)}
            </button>
          )}
        </For>
      </div>
      <Show
        when={isBusy()}
        fallback={
          <button
            type="button"
            class="button finish"
            onClick={() => void attempt(update(state.info.id, { status: state.info.done ? "idle" : "done" }))}
          >
            <Icon name="check" size={14} />
            <span>{i18n.t(state.info.done ? "session.reopen" : "session.complete")}</span>
          </button>
        }
      >
        <button type="button" class="button finish" data-kind="stop" disabled={state.info.stopping} onClick={halt}>
          <Icon name="stop" size={14} />
          <span>{i18n.t("session.stop")}</span>
        </button>
      </Show>
      <Menu
        label={i18n.t("session.more")}
        items={[
          { label: i18n.t("session.fork"), icon: "fork", run: () => void attempt(fork(state.info.id, {})) },
          { label: i18n.t("session.delete"), icon: "trash", danger: true, run: () => setDeleting(true) },
        ]}
      />
      <Confirm
        open={deleting()}
        title={i18n.t("session.delete.title")}
        text={i18n.t("session.delete.text")}
        confirm={i18n.t("session.delete.confirm")}
        onClose={() => setDeleting(false)}
        onConfirm={() => remove(state.info.id)}
      />
      <Complaint />
    </header>
  )
}
