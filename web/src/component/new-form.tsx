import { Repository } from "@remote-swe/core/session/schema"
import { useAction } from "@solidjs/router"
import { createSignal, For, onMount, Show } from "solid-js"
import * as v from "valibot"
import { useI18n } from "../context/i18n.tsx"
import { createAttachments } from "../lib/attachment.ts"
import { eventID, sessionID } from "../lib/id.ts"
import { messageOf } from "../lib/problem.ts"
import { createSession } from "../lib/session.ts"
import type { getSystem } from "../lib/system.ts"
import { AttachButton, Attachments } from "./attachments.tsx"
import { Problem } from "./problem.tsx"
import { Suggestion } from "./suggestion.tsx"

type System = Awaited<ReturnType<typeof getSystem>>

export function NewForm(props: { system: System }) {
  const i18n = useI18n()
  const create = useAction(createSession)
  const files = createAttachments()
  const [message, setMessage] = createSignal("")
  const [repository, setRepository] = createSignal("")
  const [model, setModel] = createSignal("")
  const [problems, setProblems] = createSignal<{ message?: string; repository?: string; form?: string }>({})
  const [pending, setPending] = createSignal(false)
  const refs: { message?: HTMLTextAreaElement; repository?: HTMLInputElement } = {}
  const others = () => props.system.models.filter((model: { id: string }) => model.id !== props.system.initial.id)
  onMount(() => refs.message?.focus())

  // Made once for this form: pressing again after a lost answer starts no second session.
  const ids = { id: sessionID(), messageID: eventID() }

  function check() {
    const named = repository().trim()
    const known = named ? v.safeParse(Repository, named) : undefined
    return {
      ...(message().trim() === "" && { message: i18n.t("new.task.missing") }),
      ...(known && !known.success && { repository: known.issues[0].message }),
    }
  }

  async function submit() {
    if (pending() || files.pending()) return
    const found = check()
    setProblems(found)
    if (found.message) return refs.message?.focus()
    if (found.repository) return refs.repository?.focus()
    await start({ message: message(), repository: repository().trim(), model: model() })
  }

  async function start(task: { message: string; repository: string; model?: string }) {
    setPending(true)
    await create({
      ...ids,
      message: task.message,
      files: files.done(),
      ...(task.repository && { repository: task.repository }),
      ...(task.model && { model: task.model }),
    })
      .catch((error: unknown) => setProblems({ form: messageOf(error, i18n) }))
      .finally(() => setPending(false))
  }

  return (
    <>
      <Show when={props.system.suggestion}>
        {(task) => <Suggestion task={task()} disabled={pending()} onRun={() => void start(task())} />}
      </Show>
      <form
        class="form"
        novalidate
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
        onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && void submit()}
        {...files.target}
      >
        <div class="field">
          <label for="task">{i18n.t("new.task")}</label>
          <textarea
            ref={(element) => (refs.message = element)}
            id="task"
            class="input"
            rows={6}
            value={message()}
            placeholder={i18n.t("new.task.placeholder")}
            aria-invalid={problems().message ? "true" : undefined}
            aria-describedby="task-problem"
            onInput={(event) => setMessage(event.currentTarget.value)}
            onPaste={files.paste}
          />
          <Problem id="task-problem" text={problems().message} />
          <div class="attach">
            <AttachButton files={files} />
            <Attachments files={files} />
          </div>
          <Problem id="file-problem" text={files.problem()} />
        </div>
        <div class="pair">
          <div class="field">
            <label for="repository">{i18n.t("new.repository")}</label>
            <input
              ref={(element) => (refs.repository = element)}
              id="repository"
              class="input mono"
              value={repository()}
              placeholder={i18n.t("new.repository.placeholder")}
              autocomplete="off"
              spellcheck={false}
              aria-invalid={problems().repository ? "true" : undefined}
              aria-describedby="repository-problem repository-hint"
              onInput={(event) => setRepository(event.currentTarget.value)}
            />
            <Problem id="repository-problem" text={problems().repository} />
            <p class="hint" id="repository-hint">
              {i18n.t("new.repository.hint")}
            </p>
          </div>
          <div class="field">
            <label for="model">{i18n.t("new.model")}</label>
            <select id="model" class="input" onChange={(event) => setModel(event.currentTarget.value)}>
              <option value="">{i18n.t("new.model.default", { name: props.system.initial.name })}</option>
              <For each={others()}>{({ id, name }) => <option value={id}>{name}</option>}</For>
            </select>
          </div>
        </div>
        <Problem id="form-problem" text={problems().form} />
        <div class="buttons">
          <span class="hint muted">{i18n.t("new.submitHint", { key: "Ctrl+Enter" })}</span>
          <button class="button" data-kind="primary" disabled={pending() || files.pending()}>
            {i18n.t(pending() ? "new.starting" : "new.start")}
          </button>
        </div>
      </form>
    </>
  )
}
