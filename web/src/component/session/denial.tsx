import { covers } from "@remote-swe/core/egress/decide"
import type { InfoOf } from "@remote-swe/core/log/schema"
import { useAction } from "@solidjs/router"
import { createEffect, createSignal, For, on, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { useSession } from "../../context/session.tsx"
import { allowHost } from "../../lib/egress.ts"
import { messageOf } from "../../lib/problem.ts"
import { Icon } from "../icon.tsx"

/** Ports that a name is allowed at where none is named. */
const usual = [80, 443]

/** What the network refused to a command, and the way to allow it. */
export function Denial(props: { event: InfoOf<"denial"> }) {
  const i18n = useI18n()
  const { event } = props
  const name = event.host.includes(":") ? `[${event.host}]` : event.host
  const place = event.port === undefined ? name : `${name}:${event.port}`
  return (
    <div class="denial">
      <p class="what">
        <Icon name="shield" size={14} />
        <span>
          {i18n.t("denial.refused")} <strong id={`denied-${event.seq}`}>{place}</strong>
        </span>
      </p>
      <p class="why">{i18n.t(`denial.${event.why}`)}</p>
      <Show when={event.commands.length === 0}>
        <p class="why">{i18n.t("denial.nobody")}</p>
      </Show>
      <Show when={event.commands.length > 1}>
        <p class="why">{i18n.t("denial.several")}</p>
      </Show>
      <For each={event.commands}>
        {(command) => (
          <p class="doer">
            <code>{command.script}</code>
            <Show when={command.jobID}>{(job) => <span>{i18n.t("denial.job", { job: job() })}</span>}</Show>
          </p>
        )}
      </For>
      <Show when={event.why === "domain" && event.port}>
        {(port) => <Decision seq={event.seq} host={event.host} port={port()} />}
      </Show>
    </div>
  )
}

/** Takes the same room before and after. */
function Decision(props: { seq: number; host: string; port: number }) {
  const i18n = useI18n()
  const { state, mayAlways, reached } = useSession()
  const allow = useAction(allowHost)
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal<string>()
  const refs: { said?: HTMLElement; pressed?: boolean } = {}
  const covering = () => (state.info.egress ?? []).filter(({ allowed }) => covers(allowed, props.host, props.port))
  const isAllowed = () => covering().length > 0
  const isAlways = () => covering().some(({ always }) => always)

  async function press(always: boolean) {
    setBusy(true)
    setProblem(undefined)
    refs.pressed = true
    const port = usual.includes(props.port) ? {} : { port: props.port }
    await allow(state.info.id, { host: props.host, ...port, always }).then(
      ({ head }) => reached(head),
      (error: unknown) => {
        refs.pressed = false
        setProblem(messageOf(error, i18n))
      },
    )
    setBusy(false)
  }

  // The button that had the focus is gone.
  createEffect(
    on([isAllowed, isAlways], () => {
      if (refs.pressed) refs.said?.focus()
      refs.pressed = false
    }),
  )

  const Allow = ({ always }: { always: boolean }) => (
    <button
      type="button"
      class="button"
      data-size="small"
      disabled={busy()}
      aria-describedby={`denied-${props.seq}`}
      onClick={() => void press(always)}
    >
      {i18n.t(always ? "denial.always" : "denial.allow")}
    </button>
  )

  return (
    <div class="decision">
      {/* In the very place of the button, so that a second press meets nothing else. */}
      <div class="slot">
        <p role="status" tabindex="-1" ref={(element) => (refs.said = element)}>
          <Show when={isAllowed()}>
            <Icon name="check" size={14} />
            {i18n.t(isAlways() ? "denial.allowedAlways" : "denial.allowed")}
          </Show>
        </p>
        <Show when={!isAllowed()}>
          <Allow always={false} />
        </Show>
      </div>
      <Show when={mayAlways && !isAlways()}>
        <Allow always={true} />
      </Show>
      <Show when={problem()}>
        <p class="problem" role="alert">
          {problem()}
        </p>
      </Show>
    </div>
  )
}
