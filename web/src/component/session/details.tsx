import { A, createAsync } from "@solidjs/router"
import { For, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { useSession } from "../../context/session.tsx"
import { machineLogURL } from "../../lib/machine-log.ts"
import { repositoryName } from "../../lib/repository.ts"
import { getSystem } from "../../lib/system.ts"
import { FileChip } from "../file-chip.tsx"
import { Icon } from "../icon.tsx"
import { SafeLink } from "../safe-link.tsx"
import { Ago } from "../time.tsx"
import { Plan } from "./plan.tsx"
import { Spent } from "./spent.tsx"

/** The log of the newest machine, for whoever may read it there. */
function MachineLog() {
  const i18n = useI18n()
  const { state } = useSession()
  const system = createAsync(() => getSystem(), { deferStream: true })
  return (
    <Show when={state.info.generation > 0 && system()?.workerLogsURL}>
      {(url) => (
        <>
          <dt>{i18n.t("worker.log")}</dt>
          <dd>
            <a href={machineLogURL(url(), state.info)} target="_blank" rel="noopener noreferrer">
              {i18n.t("worker.log.open")}
            </a>
          </dd>
        </>
      )}
    </Show>
  )
}

/** The session at a glance. */
export function Details() {
  const i18n = useI18n()
  const { state } = useSession()
  const files = () =>
    state.chat.rows.flatMap((row) =>
      row.type === "event" && row.event.kind === "artifact" && row.event.artifact.type === "file"
        ? [row.event.artifact.file]
        : [],
    )
  const joined = () => (state.info.worker.type === "joined" ? state.info.worker : undefined)
  return (
    <div class="details">
      <section class="steps">
        <h2>{i18n.t("todo.title")}</h2>
        <Show when={state.info.todo.length > 0} fallback={<p class="muted">{i18n.t("todo.none")}</p>}>
          <Plan items={state.info.todo} />
        </Show>
      </section>
      <section class="requests">
        <h2>{i18n.t("pr.title")}</h2>
        <For each={state.info.pullRequests} fallback={<p class="muted">{i18n.t("pr.none")}</p>}>
          {(request) => (
            <p class="request">
              <Icon name="merge" size={14} />
              <SafeLink href={request.url ?? ""}>
                {i18n.t("pr.number", { number: request.number })} {request.title}
              </SafeLink>
            </p>
          )}
        </For>
      </section>
      <section>
        <h2>{i18n.t("usage.cost")}</h2>
        <Spent total={state.info.usage} />
      </section>
      <section>
        <h2>{i18n.t("session.details")}</h2>
        <dl class="pairs">
          <Show when={state.info.repository}>
            {(repository) => (
              <>
                <dt>{i18n.t("new.repository")}</dt>
                <dd class="mono" title={repository()}>
                  {repositoryName(repository())}
                </dd>
              </>
            )}
          </Show>
          <Show when={state.info.branch}>
            {(branch) => (
              <>
                <dt>{i18n.t("session.branch")}</dt>
                <dd class="mono">{branch()}</dd>
              </>
            )}
          </Show>
          <dt>{i18n.t("new.model")}</dt>
          <dd>{state.info.model ?? i18n.t("session.defaultModel")}</dd>
          <dt>{i18n.t("session.worker")}</dt>
          <dd>
            <Show when={joined()} fallback={i18n.t("worker.none")}>
              {(worker) =>
                `${i18n.t("worker.joined", { generation: worker().generation, host: worker().host })}, ${i18n.t(`worker.sandbox.${worker().sandbox}`)}`
              }
            </Show>
          </dd>
          <MachineLog />
          <Show when={state.info.creator.type === "trigger" && state.info.creator}>
            {(trigger) => (
              <>
                <dt>{i18n.t("trigger.startedBy")}</dt>
                <dd>
                  <A href={`/triggers/${trigger().triggerID}`}>{trigger().name}</A>
                </dd>
              </>
            )}
          </Show>
          <dt>{i18n.t("session.started")}</dt>
          <dd>
            <Ago at={state.info.time.created} />
          </dd>
        </dl>
        <Show when={joined()?.sandbox === "none"}>
          <p class="notice" data-level="warning">
            <Icon name="warning" size={14} />
            <span>{i18n.t("session.sandboxNone")}</span>
          </p>
        </Show>
      </section>
      <Show when={files().length > 0}>
        <section>
          <h2>{i18n.t("artifact.title")}</h2>
          <ul class="chips">
            <For each={files()}>{(file) => <FileChip file={file} />}</For>
          </ul>
        </section>
      </Show>
    </div>
  )
}
