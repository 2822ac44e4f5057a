import { Schedule } from "@remote-swe/core/schedule"
import { createMemo, createSignal, For, onMount, Show } from "solid-js"
import * as v from "valibot"
import { useI18n } from "../../context/i18n.tsx"
import { inputTime, type Plan, scheduleOf } from "../../lib/schedule.ts"
import { Problem } from "../problem.tsx"

const kinds = ["cron", "rate", "once"] as const

/** When a trigger fires, and what comes of it. */
export function ScheduleFields(props: {
  plan: Plan
  onChange(plan: Partial<Plan>): void
  problem: string | undefined
}) {
  const i18n = useI18n()
  return (
    <fieldset class="field schedule">
      <legend class="label">{i18n.t("trigger.when")}</legend>
      <div class="choice">
        <For each={kinds}>
          {(kind) => (
            <button
              type="button"
              aria-pressed={props.plan.type === kind}
              onClick={() => props.onChange({ type: kind })}
            >
              {i18n.t(`trigger.when.${kind}`)}
            </button>
          )}
        </For>
      </div>
      <Show when={props.plan.type === "cron"}>
        <Cron {...props} />
      </Show>
      <Show when={props.plan.type === "rate"}>
        <Rate {...props} />
      </Show>
      <Show when={props.plan.type === "once"}>
        <div class="field">
          <label for="trigger-at">{i18n.t("trigger.at")}</label>
          <input
            id="trigger-at"
            class="input"
            type="datetime-local"
            value={props.plan.at}
            min={i18n.now() ? inputTime(i18n.now()) : undefined}
            aria-describedby="trigger-when-problem"
            onInput={(event) => props.onChange({ at: event.currentTarget.value })}
          />
        </div>
      </Show>
      <Problem id="trigger-when-problem" text={props.problem} />
      <Preview plan={props.plan} />
    </fieldset>
  )
}

type Part = { plan: Plan; onChange(plan: Partial<Plan>): void }

function Cron(props: Part) {
  const i18n = useI18n()
  const [zones, setZones] = createSignal<string[]>([])
  onMount(() => setZones(["UTC", ...Intl.supportedValuesOf("timeZone")]))
  return (
    <div class="pair">
      <div class="field">
        <label for="trigger-cron">{i18n.t("trigger.cron")}</label>
        <input
          id="trigger-cron"
          class="input mono"
          value={props.plan.cron}
          autocomplete="off"
          spellcheck={false}
          aria-describedby="trigger-when-problem trigger-cron-hint"
          onInput={(event) => props.onChange({ cron: event.currentTarget.value })}
        />
        <p class="hint" id="trigger-cron-hint">
          {i18n.t("trigger.cron.hint")}
        </p>
      </div>
      <div class="field">
        <label for="trigger-timezone">{i18n.t("trigger.timezone")}</label>
        <input
          id="trigger-timezone"
          class="input"
          list="trigger-timezones"
          value={props.plan.timezone}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => props.onChange({ timezone: event.currentTarget.value })}
        />
        <datalist id="trigger-timezones">
          <For each={zones()}>{(zone) => <option value={zone} />}</For>
        </datalist>
      </div>
    </div>
  )
}

function Rate(props: Part) {
  const i18n = useI18n()
  return (
    <div class="pair">
      <div class="field">
        <label for="trigger-every">{i18n.t("trigger.every")}</label>
        <input
          id="trigger-every"
          class="input"
          type="number"
          min={1}
          value={props.plan.every}
          aria-describedby="trigger-when-problem"
          onInput={(event) => props.onChange({ every: event.currentTarget.value })}
        />
      </div>
      <div class="field">
        <label for="trigger-unit">{i18n.t("trigger.unit")}</label>
        <select
          id="trigger-unit"
          class="input"
          value={props.plan.unit}
          onChange={(event) => props.onChange({ unit: v.parse(Schedule.Unit, event.currentTarget.value) })}
        >
          <For each={Schedule.Unit.options}>
            {(unit) => <option value={unit}>{i18n.t(`trigger.unit.${unit}`)}</option>}
          </For>
        </select>
      </div>
    </div>
  )
}

/** The next times of what is typed, as soon as it says something. */
function Preview(props: { plan: Plan }) {
  const i18n = useI18n()
  const times = createMemo(() => {
    const schedule = i18n.now() ? v.safeParse(Schedule.Info, scheduleOf(props.plan)) : undefined
    if (!schedule?.success) return
    const found: number[] = []
    for (let after: number | undefined = i18n.now(); found.length < 3; found.push(after)) {
      after = Schedule.next(schedule.output, { after, anchor: i18n.now() })
      if (after === undefined) break
    }
    return found
  })
  return (
    <Show when={times()}>
      {(times) => (
        <div class="hint" aria-live="polite">
          <Show when={times().length > 0} fallback={i18n.t("trigger.preview.none")}>
            <p>{i18n.t("trigger.preview")}</p>
            <ul>
              <For each={times()}>{(at) => <li>{i18n.words.moment(at)}</li>}</For>
            </ul>
          </Show>
        </div>
      )}
    </Show>
  )
}
