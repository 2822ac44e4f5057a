import { For, Show } from "solid-js"
import { useI18n } from "../context/i18n.tsx"
import type { Attachments as Files } from "../lib/attachment.ts"
import { Icon } from "./icon.tsx"

export function Attachments(props: { files: Files }) {
  const i18n = useI18n()
  return (
    <>
      <Show when={props.files.over()}>
        <p class="drop">{i18n.t("file.drop")}</p>
      </Show>
      <Show when={props.files.items.length > 0}>
        <ul class="chips">
          <For each={props.files.items}>
            {(item) => (
              <li class="chip" aria-busy={!item.file}>
                <Icon name="file" size={14} />
                <span class="truncate">{item.file ? item.name : i18n.t("file.uploading", { name: item.name })}</span>
                <span class="muted">{i18n.words.bytes(item.size)}</span>
                <button
                  type="button"
                  class="link"
                  aria-label={i18n.t("file.remove", { name: item.name })}
                  onClick={() => props.files.remove(item.key)}
                >
                  <Icon name="cross" size={12} />
                </button>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </>
  )
}

export function AttachButton(props: { files: Files }) {
  const i18n = useI18n()
  const refs: { input?: HTMLInputElement } = {}
  return (
    <>
      <input
        ref={(element) => (refs.input = element)}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          props.files.add(event.currentTarget.files ?? [])
          event.currentTarget.value = ""
        }}
      />
      <button
        type="button"
        class="button"
        data-kind="plain"
        data-size="icon"
        aria-label={i18n.t("file.attach")}
        onClick={() => refs.input?.click()}
      >
        <Icon name="clip" />
      </button>
    </>
  )
}
