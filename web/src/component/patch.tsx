import { createEffect, createMemo, createSignal, For, Show } from "solid-js"
import { useI18n } from "../context/i18n.tsx"
import { languageOf } from "../lib/language.ts"
import { type Line, lines } from "../lib/patch.ts"

/** Longer patches are shown without colours, and in steps. */
const stepLines = 400

/** One file's changes, line by line, with both line numbers. */
export function Patch(props: { text: string; path: string }) {
  const i18n = useI18n()
  const [shown, setShown] = createSignal(stepLines)
  const all = createMemo(() => lines(props.text))
  return (
    <div class="patch" tabindex="0" role="group" aria-label={props.path}>
      <Show when={all().length > 0} fallback={<p class="aside">{i18n.t("diff.binary")}</p>}>
        <table>
          <tbody>
            <For each={all().slice(0, shown())}>{(line) => <Row line={line} path={props.path} />}</For>
          </tbody>
        </table>
      </Show>
      <Show when={all().length > shown()}>
        <button type="button" class="link" onClick={() => setShown(shown() + stepLines * 5)}>
          {i18n.t("call.showAll", { count: i18n.words.number(all().length) })}
        </button>
      </Show>
    </div>
  )
}

const signs = { added: "+", removed: "−", context: "", hunk: "", note: "" } as const

function Row(props: { line: Line; path: string }) {
  const refs: { code?: HTMLElement } = {}
  createEffect(() => {
    const { text, type } = props.line
    if (type === "hunk" || type === "note") return
    void import("../lib/highlight.ts").then(({ highlight }) => {
      if (refs.code) refs.code.innerHTML = highlight(text, languageOf(props.path))
    })
  })
  return (
    <tr data-type={props.line.type}>
      <td class="number">{props.line.from}</td>
      <td class="number">{props.line.to}</td>
      <td class="sign">{signs[props.line.type]}</td>
      <td>
        <code ref={(element) => (refs.code = element)}>{props.line.text}</code>
      </td>
    </tr>
  )
}
