import { Index, Match, Show, Switch } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import type { Answer as Row, Piece } from "../../lib/chat.ts"
import { CallView } from "../call/call-view.tsx"
import { Markdown } from "../markdown.tsx"
import { Whole } from "./whole.tsx"

const odd = ["aborted", "max_tokens", "refusal", "context"] as const

/** One answer of the model: what it thought, said and called, in its own order. */
export function Answer(props: { row: Row }) {
  const i18n = useI18n()
  const ended = () => odd.find((reason) => reason === props.row.stopReason)
  return (
    <div class="answer" aria-busy={props.row.live}>
      <Index each={props.row.pieces}>
        {(piece, index) => (
          <PieceView
            piece={piece()}
            seq={props.row.seq}
            live={props.row.live && index === props.row.pieces.length - 1}
          />
        )}
      </Index>
      <Show when={ended()}>{(reason) => <p class="aside">{i18n.t(`output.${reason()}`)}</p>}</Show>
      <Show when={props.row.cut}>
        <Whole seq={props.row.seq}>
          {(event) =>
            event.kind === "output"
              ? event.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n\n")
              : ""
          }
        </Whole>
      </Show>
    </div>
  )
}

function PieceView(props: { piece: Piece; seq: number; live: boolean }) {
  const i18n = useI18n()
  const narrow = <Type extends Piece["type"]>(type: Type) =>
    props.piece.type === type ? (props.piece as Extract<Piece, { type: Type }>) : undefined
  return (
    <Switch>
      <Match when={narrow("text")}>
        {(piece) => (
          <>
            <Show when={piece().missing > 0}>
              <p class="aside">{i18n.t("output.missing")}</p>
            </Show>
            <Markdown text={piece().text} live={props.live} />
          </>
        )}
      </Match>
      <Match when={narrow("reasoning")}>
        {(piece) => (
          <Show when={piece().text.trim() || props.live}>
            <details class="fold thought" data-live={props.live}>
              <summary>{i18n.t(props.live ? "output.thinking" : "output.thought")}</summary>
              <Markdown text={piece().text} live={false} />
            </details>
          </Show>
        )}
      </Match>
      <Match when={narrow("redacted")}>
        <p class="aside">{i18n.t("output.redacted")}</p>
      </Match>
      <Match when={narrow("call")}>{(piece) => <CallView call={piece()} />}</Match>
    </Switch>
  )
}
