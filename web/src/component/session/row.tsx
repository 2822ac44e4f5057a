import { Match, Show, Switch } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import type { Row } from "../../lib/chat.ts"
import { Clock } from "../time.tsx"
import { Answer } from "./answer.tsx"
import { EventView } from "./event-view.tsx"
import { Raw } from "./raw.tsx"

const kindOf = (row: Row) => (row.type === "event" ? row.event.kind : row.type)
const timeOf = (row: Row) => (row.type === "event" ? row.event.at : row.at)

/** A line of the ledger: its number in the log on the left, what it says on the right. */
export function RowView(props: { row: Row }) {
  const i18n = useI18n()
  const narrow = <Type extends Row["type"]>(type: Type) =>
    props.row.type === type ? (props.row as Extract<Row, { type: Type }>) : undefined
  return (
    <li class="row" data-kind={kindOf(props.row)} id={props.row.seq ? `event-${props.row.seq}` : undefined}>
      <div class="margin">
        <Show when={props.row.seq} fallback={<span class="mark" data-status="working" />}>
          <a href={`#event-${props.row.seq}`} aria-label={i18n.t("event.link", { seq: props.row.seq })}>
            {props.row.seq}
          </a>
        </Show>
        <Clock at={timeOf(props.row)} />
      </div>
      <div class="entry">
        <Switch>
          <Match when={narrow("output")}>{(row) => <Answer row={row()} />}</Match>
          <Match when={narrow("event")}>{(row) => <EventView event={row().event} />}</Match>
          <Match when={narrow("unknown")}>{(row) => <Raw kind={row().kind} raw={row().raw} />}</Match>
        </Switch>
      </div>
    </li>
  )
}
