import { createSignal, Match, onMount, Show, Switch } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import * as server from "../../lib/notification.ts"
import { messageOf } from "../../lib/problem.ts"
import * as Push from "../../lib/push.ts"

/** Whether this browser tells of sessions. */
export function Notifications() {
  const i18n = useI18n()
  const [state, setState] = createSignal<Push.Outcome | "unknown" | "unsupported">("unknown")
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal<string>()

  async function go(change: () => Promise<Push.Outcome>) {
    setBusy(true)
    setProblem(undefined)
    await change().then(setState, (error: unknown) => setProblem(sayOf(error)))
    setBusy(false)
  }

  /** The browser's own push service may be out of reach, or switched off. */
  const sayOf = (error: unknown) =>
    error instanceof DOMException ? i18n.t("settings.push.refused") : messageOf(error, i18n)

  onMount(() => {
    if (!Push.isSupported()) return void setState("unsupported")
    void go(() => Push.state(server))
  })

  const toggle = () => go(() => (state() === "on" ? Push.turnOff(server) : Push.turnOn(server, i18n.locale())))

  return (
    <section class="section">
      <h2>{i18n.t("settings.push")}</h2>
      <p class="muted">{i18n.t("settings.push.lead")}</p>
      <Switch>
        <Match when={state() === "unsupported"}>
          <p>{i18n.t("settings.push.unsupported")}</p>
        </Match>
        <Match when={state() === "denied"}>
          <p role="status">{i18n.t("settings.push.denied")}</p>
        </Match>
        <Match when={true}>
          <button
            type="button"
            class="button"
            data-kind={state() === "on" ? undefined : "primary"}
            disabled={busy() || state() === "unknown"}
            onClick={() => void toggle()}
          >
            {i18n.t(state() === "on" ? "settings.push.turnOff" : "settings.push.turnOn")}
          </button>
        </Match>
      </Switch>
      <Show when={problem()}>
        <p class="problem" role="alert">
          {problem()}
        </p>
      </Show>
    </section>
  )
}
