import { Info as Schedule } from "@remote-swe/core/schedule/schema"
import { Repository } from "@remote-swe/core/session/schema"
import type { Info } from "@remote-swe/core/trigger/schema"
import { A, useAction } from "@solidjs/router"
import { createSignal, onMount, Show } from "solid-js"
import { createStore } from "solid-js/store"
import * as v from "valibot"
import { useI18n } from "../../context/i18n.tsx"
import { triggerID } from "../../lib/id.ts"
import { messageOf } from "../../lib/problem.ts"
import { type Plan, planOf, scheduleOf } from "../../lib/schedule.ts"
import type { getSystem } from "../../lib/system.ts"
import { createTrigger, saveTrigger } from "../../lib/trigger.ts"
import { actionOf, ActionFields, type Draft, draftOf } from "./action-fields.tsx"
import { Problem } from "../problem.tsx"
import { ScheduleFields } from "./schedule-fields.tsx"

interface Problems {
  name?: string | undefined
  message?: string | undefined
  repository?: string | undefined
  session?: string | undefined
  when?: string | undefined
  form?: string | undefined
}

/** Makes a trigger, or changes the one that it is given. */
export function TriggerForm(props: { system: Awaited<ReturnType<typeof getSystem>>; trigger?: Info | undefined }) {
  const i18n = useI18n()
  const create = useAction(createTrigger)
  const save = useAction(saveTrigger)
  const [name, setName] = createSignal(props.trigger?.name ?? "")
  const [draft, setDraft] = createStore<Draft>(draftOf(props.trigger?.action))
  const [plan, setPlan] = createStore<Plan>(planOf(props.trigger?.schedule, "UTC"))
  const [problems, setProblems] = createSignal<Problems>({})
  const [pending, setPending] = createSignal(false)
  const refs: { form?: HTMLFormElement } = {}
  onMount(() => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
    setPlan(planOf(props.trigger?.schedule, timeZone))
  })

  // Made once for this form: pressing again after a lost answer makes no second trigger.
  const id = triggerID()

  function check(): Problems {
    const repository =
      draft.type === "session" && draft.repository.trim() ? v.safeParse(Repository, draft.repository) : undefined
    const schedule = v.safeParse(Schedule, scheduleOf(plan))
    return {
      name: name().trim() === "" ? i18n.t("trigger.name.missing") : undefined,
      message: draft.message.trim() === "" ? i18n.t("new.task.missing") : undefined,
      repository: repository && !repository.success ? repository.issues[0].message : undefined,
      session: draft.type === "message" && !draft.sessionID ? i18n.t("trigger.session.missing") : undefined,
      when: when(schedule),
    }
  }

  function when(schedule: v.SafeParseResult<typeof Schedule>) {
    if (plan.type === "once" && plan.at === "") return i18n.t("trigger.at.missing")
    return schedule.success ? undefined : schedule.issues[0].message
  }

  async function submit() {
    if (pending()) return
    const found = check()
    setProblems(found)
    if (Object.values(found).some(Boolean)) return queueMicrotask(focusProblem)
    setPending(true)
    const input = { name: name(), schedule: scheduleOf(plan), action: actionOf(draft) }
    await (props.trigger ? save(props.trigger.id, changed(props.trigger, input)) : create({ ...input, id }))
      .catch((error: unknown) => setProblems({ form: messageOf(error, i18n) }))
      .finally(() => setPending(false))
  }

  const focusProblem = () => refs.form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus()

  return (
    <form
      ref={(element) => (refs.form = element)}
      class="form"
      novalidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <div class="field">
        <label for="trigger-name">{i18n.t("trigger.name")}</label>
        <input
          id="trigger-name"
          class="input"
          value={name()}
          maxlength={100}
          placeholder={i18n.t("trigger.name.placeholder")}
          autocomplete="off"
          aria-invalid={problems().name ? "true" : undefined}
          aria-describedby="trigger-name-problem"
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <Problem id="trigger-name-problem" text={problems().name} />
      </div>
      <ActionFields system={props.system} draft={draft} onChange={setDraft} problems={problems()} />
      <ScheduleFields plan={plan} onChange={setPlan} problem={problems().when} />
      <Problem id="trigger-problem" text={problems().form} />
      <div class="buttons">
        <A href="/triggers" class="button">
          {i18n.t("dialog.cancel")}
        </A>
        <button class="button" data-kind="primary" disabled={pending()}>
          <Show when={!pending()} fallback={i18n.t("trigger.saving")}>
            {i18n.t(props.trigger ? "trigger.save" : "trigger.create")}
          </Show>
        </button>
      </div>
    </form>
  )
}

/** A schedule that was left alone is left out: sending it would begin it anew. */
function changed(trigger: Info, { schedule, ...rest }: Pick<Info, "name" | "schedule" | "action">) {
  const isSame = JSON.stringify(schedule) === JSON.stringify(scheduleOf(planOf(trigger.schedule, "UTC")))
  return isSame ? rest : { ...rest, schedule }
}
