import type { Read } from "@remote-swe/core/log/schema"
import { createSignal, createUniqueId, For, Match, Show, Switch } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import type { CallPiece } from "../../lib/chat.ts"
import { describe, field } from "../../lib/call.ts"
import { FileChip } from "../file-chip.tsx"
import { Icon } from "../icon.tsx"
import { Patch } from "../patch.tsx"
import { Whole } from "../session/whole.tsx"
import { Console } from "./console.tsx"
import { Edit } from "./edit.tsx"
import { Todo } from "./todo.tsx"

/** A tool call: one line that says what it does, and what came of it below. */
export function CallView(props: { call: CallPiece }) {
  const i18n = useI18n()
  const id = createUniqueId()
  const about = () => describe(props.call)
  const [toggled, setToggled] = createSignal<boolean>()
  // What runs, changes files or failed is worth a look; the rest is a press away.
  const open = () => toggled() ?? (about().open || props.call.state === "failed")
  const result = () => props.call.result

  return (
    <div class="call" data-state={props.call.state} data-tool={props.call.name}>
      <button type="button" class="head" aria-expanded={open()} aria-controls={id} onClick={() => setToggled(!open())}>
        <Icon name={about().icon} size={14} />
        <span class="name">{props.call.name || "…"}</span>
        <span class="subject truncate">{about().subject}</span>
        <span class="state">
          <Show when={result()} fallback={i18n.t(stateKey(props.call.state))}>
            {(result) => (
              <>
                <Show when={props.call.state === "failed"}>{i18n.t("call.failed")} </Show>
                {i18n.words.duration(result().durationMs)}
              </>
            )}
          </Show>
        </span>
        <Icon name="chevron" size={12} />
      </button>
      <div id={id} class="body" hidden={!open()}>
        <Show when={open()}>
          <Switch fallback={<Generic call={props.call} />}>
            <Match when={about().view === "console"}>
              <Console call={props.call} />
            </Match>
            <Match when={about().view === "edit" && props.call.state !== "failed"}>
              <Edit call={props.call} />
            </Match>
            <Match when={about().view === "todo"}>
              <Todo input={props.call.input} />
            </Match>
          </Switch>
          <Show when={(result()?.files.length ?? 0) > 0}>
            <ul class="chips">
              <For each={result()?.files}>{(file) => <FileChip file={file} />}</For>
            </ul>
          </Show>
          <Show when={result()?.cut && result()}>{(result) => <Whole seq={result().seq}>{textOf}</Whole>}</Show>
        </Show>
      </div>
    </div>
  )
}

function Generic(props: { call: CallPiece }) {
  const i18n = useI18n()
  const input = () =>
    props.call.raw && Object.keys(props.call.input).length === 0
      ? props.call.raw
      : JSON.stringify(props.call.input, undefined, 2)
  const patch = () => field(props.call.result?.view ?? {}, "patch")
  return (
    <>
      <Show when={describe(props.call).view === "generic"}>
        <pre class="input-text" tabindex="0" aria-label={i18n.t("call.input")}>
          {input()}
        </pre>
      </Show>
      <Show when={props.call.raw && props.call.state !== "streaming"}>
        <p class="aside">{i18n.t("call.malformed")}</p>
      </Show>
      <Show when={patch()} fallback={<Console call={props.call} />}>
        {(patch) => <Patch text={patch()} path={field(props.call.input, "path") ?? ""} />}
      </Show>
    </>
  )
}

const stateKey = (state: CallPiece["state"]) => (state === "done" ? ("call.ok" as const) : (`call.${state}` as const))

function textOf(event: Read) {
  if (event.kind !== "result") return ""
  return event.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n")
}
