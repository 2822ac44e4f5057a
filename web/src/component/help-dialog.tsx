import { For } from "solid-js"
import { useI18n } from "../context/i18n.tsx"
import type { Key } from "../i18n/index.ts"
import { Dialog } from "./dialog.tsx"

const keys: [Key, ...string[]][] = [
  ["help.palette", "Ctrl", "K"],
  ["help.new", "N"],
  ["help.list", "G"],
  ["help.search", "/"],
  ["help.composer", "C"],
  ["help.send", "Enter"],
  ["help.queue", "Ctrl", "Enter"],
  ["help.newline", "Shift", "Enter"],
  ["help.stop", "S"],
  ["help.changes", "V"],
  ["help.help", "?"],
]

export function HelpDialog(props: { open: boolean; onClose(): void }) {
  const i18n = useI18n()
  return (
    <Dialog open={props.open} onClose={props.onClose} label={i18n.t("help.title")}>
      <h2>{i18n.t("help.title")}</h2>
      <dl class="keys">
        <For each={keys}>
          {([label, ...names]) => (
            <>
              <dt>{i18n.t(label as "help.new")}</dt>
              <dd>
                <For each={names}>{(name) => <kbd>{name}</kbd>}</For>
              </dd>
            </>
          )}
        </For>
      </dl>
      <div class="buttons">
        <button type="button" class="button" onClick={() => props.onClose()}>
          {i18n.t("dialog.close")}
        </button>
      </div>
    </Dialog>
  )
}
