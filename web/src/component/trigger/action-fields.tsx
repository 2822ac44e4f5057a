import type { Action } from "@remote-swe/core/trigger/schema"
import { createAsync } from "@solidjs/router"
import { For, Show, Suspense } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { listSessions } from "../../lib/session.ts"
import type { getSystem } from "../../lib/system.ts"
import { Problem } from "../problem.tsx"

/** What a trigger does as a form has it. */
export interface Draft {
  type: Action["type"]
  message: string
  repository: string
  model: string
  budget: string
  sessionID: string
}

export function draftOf(action: Action | undefined): Draft {
  return {
    type: action?.type ?? "session",
    message: action?.message ?? "",
    model: action?.model ?? "",
    repository: action?.type === "session" ? (action.repository ?? "") : "",
    budget: action?.type === "session" ? String(action.budget ?? "") : "",
    sessionID: action?.type === "message" ? action.sessionID : "",
  }
}

export function actionOf({ type, message, repository, model, budget, sessionID }: Draft): Action {
  const said = { message, ...(model && { model }) }
  if (type === "message") return { type, sessionID, ...said }
  const source = repository.trim()
  return { type, ...said, ...(source && { repository: source }), ...(budget !== "" && { budget: Number(budget) }) }
}

interface Props {
  system: Awaited<ReturnType<typeof getSystem>>
  draft: Draft
  onChange(draft: Partial<Draft>): void
  problems: { message?: string | undefined; repository?: string | undefined; session?: string | undefined }
}

export function ActionFields(props: Props) {
  const i18n = useI18n()
  return (
    <>
      <div class="field">
        <label for="trigger-action">{i18n.t("trigger.action")}</label>
        <select
          id="trigger-action"
          class="input"
          value={props.draft.type}
          onChange={(event) =>
            props.onChange({ type: event.currentTarget.value === "message" ? "message" : "session" })
          }
        >
          <option value="session">{i18n.t("trigger.action.session")}</option>
          <option value="message">{i18n.t("trigger.action.message")}</option>
        </select>
      </div>
      <Show when={props.draft.type === "message"}>
        <div class="field">
          <label for="trigger-session">{i18n.t("trigger.session")}</label>
          <Suspense>
            <Sessions {...props} />
          </Suspense>
          <Problem id="trigger-session-problem" text={props.problems.session} />
        </div>
      </Show>
      <div class="field">
        <label for="trigger-message">{i18n.t(props.draft.type === "session" ? "new.task" : "trigger.message")}</label>
        <textarea
          id="trigger-message"
          class="input"
          rows={5}
          maxlength={20_000}
          value={props.draft.message}
          aria-invalid={props.problems.message ? "true" : undefined}
          aria-describedby="trigger-message-problem"
          onInput={(event) => props.onChange({ message: event.currentTarget.value })}
        />
        <Problem id="trigger-message-problem" text={props.problems.message} />
      </div>
      <Show when={props.draft.type === "session"}>
        <div class="pair">
          <Source {...props} />
          <Budget {...props} />
        </div>
      </Show>
      <Model {...props} />
    </>
  )
}

function Sessions(props: Props) {
  const i18n = useI18n()
  const page = createAsync(() => listSessions({}), { deferStream: true })
  const isListed = () => page()?.items.some(({ id }) => id === props.draft.sessionID)
  return (
    <select
      id="trigger-session"
      class="input"
      value={props.draft.sessionID}
      aria-invalid={props.problems.session ? "true" : undefined}
      aria-describedby="trigger-session-problem"
      onChange={(event) => props.onChange({ sessionID: event.currentTarget.value })}
    >
      <option value="">{i18n.t("trigger.session.missing")}</option>
      <Show when={props.draft.sessionID && !isListed()}>
        <option value={props.draft.sessionID}>{props.draft.sessionID}</option>
      </Show>
      <For each={page()?.items}>
        {({ id, title }) => (
          <option value={id} selected={id === props.draft.sessionID}>
            {title}
          </option>
        )}
      </For>
    </select>
  )
}

function Source(props: Props) {
  const i18n = useI18n()
  return (
    <div class="field">
      <label for="trigger-repository">{i18n.t("new.repository")}</label>
      <input
        id="trigger-repository"
        class="input mono"
        value={props.draft.repository}
        placeholder={i18n.t("new.repository.placeholder")}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={props.problems.repository ? "true" : undefined}
        aria-describedby="trigger-repository-problem"
        onInput={(event) => props.onChange({ repository: event.currentTarget.value })}
      />
      <Problem id="trigger-repository-problem" text={props.problems.repository} />
    </div>
  )
}

function Budget(props: Props) {
  const i18n = useI18n()
  return (
    <div class="field">
      <label for="trigger-budget">{i18n.t("trigger.budget")}</label>
      <input
        id="trigger-budget"
        class="input"
        type="number"
        min={0}
        step="any"
        value={props.draft.budget}
        aria-describedby="trigger-budget-hint"
        onInput={(event) => props.onChange({ budget: event.currentTarget.value })}
      />
      <p class="hint" id="trigger-budget-hint">
        {i18n.t("trigger.budget.hint")}
      </p>
    </div>
  )
}

function Model(props: Props) {
  const i18n = useI18n()
  const others = () => props.system.models.filter((model: { id: string }) => model.id !== props.system.initial.id)
  return (
    <div class="field">
      <label for="trigger-model">{i18n.t("new.model")}</label>
      <select
        id="trigger-model"
        class="input"
        value={props.draft.model}
        onChange={(event) => props.onChange({ model: event.currentTarget.value })}
      >
        <option value="">{i18n.t("new.model.default", { name: props.system.initial.name })}</option>
        <For each={others()}>{({ id, name }) => <option value={id}>{name}</option>}</For>
      </select>
    </div>
  )
}
