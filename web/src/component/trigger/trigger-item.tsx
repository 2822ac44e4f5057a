import type { Info } from "@remote-swe/core/trigger/schema"
import { A, useAction, useNavigate } from "@solidjs/router"
import { createSignal, Match, Show, Switch } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { messageOf } from "../../lib/problem.ts"
import { repositoryName } from "../../lib/repository.ts"
import { runTrigger, switchTrigger } from "../../lib/trigger.ts"
import { Menu } from "../menu.tsx"
import { Ago } from "../time.tsx"
import { ScheduleText } from "./schedule-text.tsx"

export function TriggerItem(props: { info: Info; onRemove(): void }) {
  const i18n = useI18n()
  const navigate = useNavigate()
  const run = useAction(runTrigger)
  const turn = useAction(switchTrigger)
  const [problem, setProblem] = createSignal<string>()
  const attempt = (work: Promise<unknown>) => {
    setProblem(undefined)
    void work.catch((error: unknown) => setProblem(messageOf(error, i18n)))
  }
  const isActive = () => props.info.state.type === "active"
  const repository = () => (props.info.action.type === "session" ? props.info.action.repository : undefined)

  return (
    <li data-state={props.info.state.type}>
      <span class="status" data-status={props.info.state.type}>
        <span class="mark" data-status={props.info.state.type} aria-hidden="true" />
        {i18n.t(`trigger.state.${props.info.state.type}`)}
      </span>
      <span class="what">
        <A href={`/triggers/${props.info.id}`} class="title truncate">
          {props.info.name}
        </A>
        <span class="when">
          <ScheduleText schedule={props.info.schedule} />
          <Show when={repository()}>{(source) => <span class="repository"> · {repositoryName(source())}</span>}</Show>
        </span>
      </span>
      <Times info={props.info} />
      <Menu
        label={i18n.t("trigger.actions", { name: props.info.name })}
        items={[
          { label: i18n.t("trigger.run"), icon: "send", run: () => attempt(run(props.info.id)) },
          {
            label: i18n.t(isActive() ? "trigger.pause" : "trigger.resume"),
            icon: isActive() ? "stop" : "clock",
            run: () => attempt(turn(props.info.id, !isActive())),
          },
          { label: i18n.t("trigger.edit"), icon: "pencil", run: () => navigate(`/triggers/${props.info.id}`) },
          { label: i18n.t("trigger.remove"), icon: "trash", danger: true, run: () => props.onRemove() },
        ]}
      />
      <Show when={problem() ?? (props.info.state.type === "failed" && props.info.state.problem)}>
        {(text) => (
          <p class="problem" role="alert">
            {text()}
          </p>
        )}
      </Show>
    </li>
  )
}

function Times(props: { info: Info }) {
  const i18n = useI18n()
  return (
    <dl class="times">
      <Show when={props.info.state.type === "active" && props.info.state}>
        {(state) => (
          <div>
            <dt>{i18n.t("trigger.next")}</dt>
            <dd>
              <Ago at={state().next} />
            </dd>
          </div>
        )}
      </Show>
      <div>
        <dt>{i18n.t("trigger.last")}</dt>
        <dd>
          <Switch fallback={i18n.t("trigger.last.none")}>
            <Match when={props.info.last?.type === "started" && props.info.last}>
              {(last) => (
                <A href={`/session/${last().sessionID}`}>
                  <Ago at={last().at} />
                </A>
              )}
            </Match>
            <Match when={props.info.last?.type === "failed" && props.info.last}>
              {(last) => (
                <span class="failed" title={i18n.t("trigger.last.failed", { problem: last().problem })}>
                  <Ago at={last().at} />
                </span>
              )}
            </Match>
          </Switch>
        </dd>
      </div>
      <Show when={props.info.failures > 0}>
        <div class="failed">
          <dt class="hidden-label">{i18n.t("trigger.state.failed")}</dt>
          <dd>{i18n.words.plural("trigger.failures", props.info.failures)}</dd>
        </div>
      </Show>
    </dl>
  )
}
