import type { Info as Event } from "@remote-swe/core/log/schema"
import { Match, Show, Switch } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { useSession } from "../../context/session.tsx"
import type { Row } from "../../lib/chat.ts"
import { eventLine } from "../../lib/event-line.ts"
import { Icon } from "../icon.tsx"
import { ArtifactView } from "./artifact.tsx"
import { Denial } from "./denial.tsx"
import { Message } from "./message.tsx"

type Shown = Extract<Row, { type: "event" }>["event"]

/** An event that is not the model's. */
export function EventView(props: { event: Shown }) {
  const i18n = useI18n()
  const { state } = useSession()
  const narrow = <Kind extends Shown["kind"]>(kind: Kind) =>
    props.event.kind === kind ? (props.event as Extract<Event, { kind: Kind }>) : undefined
  const failed = () => {
    const turn = narrow("turn")?.turn
    return turn?.phase === "ended" ? turn.problem : undefined
  }
  return (
    <Switch
      fallback={
        <p class="line" data-tone={failed() ? "bad" : undefined}>
          {eventLine(props.event, i18n.words)}
          <Show when={failed()}>{(problem) => <span class="problem">{problem().message}</span>}</Show>
        </p>
      }
    >
      <Match when={narrow("message")}>{(event) => <Message event={event()} />}</Match>
      <Match when={narrow("artifact")}>{(event) => <ArtifactView artifact={event().artifact} />}</Match>
      <Match when={narrow("denial")}>{(event) => <Denial event={event()} />}</Match>
      <Match when={narrow("notice")}>
        {(event) => (
          <p class={event().level === "info" ? "line" : "notice"} data-level={event().level}>
            <Show when={event().level !== "info"}>
              <Icon name="warning" size={14} />
            </Show>
            <span>{event().text}</span>
          </p>
        )}
      </Match>
      <Match when={narrow("ask")}>
        {(event) => (
          <div class="asked">
            <p class="label">{i18n.t(`ask.${event().type}`)}</p>
            <p>{event().text}</p>
            <Show when={state.chat.answers[event().askID]}>
              {(answer) => (
                <p class="answered">
                  {answer().approved === undefined
                    ? i18n.t("ask.answered", { text: answer().text })
                    : `${i18n.t(answer().approved ? "ask.approved" : "ask.refused")} ${answer().text}`}
                </p>
              )}
            </Show>
          </div>
        )}
      </Match>
    </Switch>
  )
}
