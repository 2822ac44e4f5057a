import type { Ref } from "@remote-swe/core/file/schema"
import { createSignal, onMount, Show } from "solid-js"
import { useI18n } from "../context/i18n.tsx"
import { fileAddress } from "../lib/file.ts"
import { messageOf } from "../lib/problem.ts"
import { Icon } from "./icon.tsx"

/** A file of the bucket: pictures show themselves, everything can be fetched. */
export function FileChip(props: { file: Ref }) {
  const i18n = useI18n()
  const [picture, setPicture] = createSignal<string>()
  const [problem, setProblem] = createSignal<string>()
  const isPicture = () => /^image\/(png|jpeg|gif|webp|avif)$/.test(props.file.type)
  const failed = (error: unknown) => void setProblem(messageOf(error, i18n))

  onMount(() => {
    if (isPicture()) fileAddress(props.file.id).then(setPicture, failed)
  })

  return (
    <li class="chip">
      <Show when={isPicture()}>
        <span class="picture">
          <Show when={picture()}>{(address) => <img src={address()} alt={props.file.name} loading="lazy" />}</Show>
        </span>
      </Show>
      <button
        type="button"
        class="link"
        aria-label={i18n.t("file.download", { name: props.file.name })}
        onClick={() => fileAddress(props.file.id).then((address) => location.assign(address), failed)}
      >
        <Icon name="file" size={14} />
        <span class="truncate">{props.file.name}</span>
      </button>
      <span class="muted">{problem() ?? i18n.words.bytes(props.file.size)}</span>
    </li>
  )
}
