import type { InfoOf } from "@remote-swe/core/log/schema"
import { useAction } from "@solidjs/router"
import { For, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { useSession } from "../../context/session.tsx"
import { forkSession } from "../../lib/session.ts"
import { FileChip } from "../file-chip.tsx"
import { Icon } from "../icon.tsx"
import { Markdown } from "../markdown.tsx"
import { Whole } from "./whole.tsx"

/** What a person, or something in their place, said to the agent. */
export function Message(props: { event: InfoOf<"message"> }) {
  const i18n = useI18n()
  const { state, attempt } = useSession()
  const fork = useAction(forkSession)
  const fate = () => {
    if (state.chat.takenBack[props.event.seq]) return i18n.t("session.takenBack")
    if (!state.chat.unread.includes(props.event.seq)) return
    return i18n.t(props.event.delivery === "queue" ? "session.queued" : "session.unread")
  }
  return (
    <article class="message">
      <p class="by">
        <strong>{props.event.author}</strong>
        <Show when={props.event.source !== "web"}>
          <span>{i18n.t("session.via", { source: props.event.source })}</span>
        </Show>
        <Show when={props.event.model}>{(model) => <span class="mono">{model()}</span>}</Show>
        <Show when={fate()}>{(text) => <span class="fate">{text()}</span>}</Show>
        <Show when={props.event.seq > 1}>
          <button
            type="button"
            class="link fork"
            aria-label={i18n.t("session.forkBefore")}
            title={i18n.t("session.forkBefore")}
            onClick={() => void attempt(fork(state.info.id, { at: props.event.seq - 1 }))}
          >
            <Icon name="fork" size={14} />
          </button>
        </Show>
      </p>
      <Markdown text={props.event.text} live={false} />
      <Show when={props.event.cut}>
        <Whole seq={props.event.seq}>{(event) => (event.kind === "message" ? event.text : "")}</Whole>
      </Show>
      <Show when={props.event.files.length > 0}>
        <ul class="chips">
          <For each={props.event.files}>{(file) => <FileChip file={file} />}</For>
        </ul>
      </Show>
    </article>
  )
}
