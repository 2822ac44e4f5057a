import { createSignal } from "solid-js"
import { useI18n } from "../context/i18n.tsx"
import { Icon } from "./icon.tsx"

export function CopyButton(props: { text: string }) {
  const i18n = useI18n()
  const [done, setDone] = createSignal(false)
  async function copy() {
    await navigator.clipboard.writeText(props.text)
    setDone(true)
    setTimeout(() => setDone(false), 1500)
  }
  return (
    <button type="button" class="button" data-size="small" onClick={() => void copy()}>
      <Icon name={done() ? "check" : "copy"} size={13} />
      {i18n.t(done() ? "copy.done" : "copy.label")}
    </button>
  )
}
