import type { Info } from "@remote-swe/core/session/schema"
import { A } from "@solidjs/router"
import { For, Show } from "solid-js"
import { useI18n } from "../context/i18n.tsx"
import { oneLine } from "../lib/plain.ts"
import { repositoryName } from "../lib/repository.ts"
import { Status } from "./status.tsx"
import { Ago } from "./time.tsx"

export function SessionItem(props: { info: Info }) {
  const i18n = useI18n()
  return (
    <li>
      <A href={`/session/${props.info.id}`}>
        <Status status={props.info.status} stopping={props.info.stopping} />
        <span class="what">
          <span class="title truncate">{props.info.title}</span>
          <span class="last truncate">{oneLine(props.info.waitingOn?.text ?? props.info.last?.text ?? "")}</span>
        </span>
        <span class="facts">
          <For each={props.info.pullRequests.slice(-1)}>
            {(request) => <span class="request">{i18n.t("list.pullRequest", { number: request.number })}</span>}
          </For>
          <Show when={props.info.pullRequests.length === 0 && props.info.repository}>
            {(repository) => <span class="repository truncate">{repositoryName(repository())}</span>}
          </Show>
          <Ago at={props.info.time.updated} />
        </span>
      </A>
    </li>
  )
}
