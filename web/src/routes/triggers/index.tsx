import type { Info } from "@remote-swe/core/trigger/schema"
import { A, createAsync, revalidate, useAction } from "@solidjs/router"
import { createEffect, createSignal, For, on, Show } from "solid-js"
import { Confirm } from "../../component/confirm.tsx"
import { PageTitle } from "../../component/page-title.tsx"
import { TriggerItem } from "../../component/trigger/trigger-item.tsx"
import { useI18n } from "../../context/i18n.tsx"
import { listTriggers, removeTrigger } from "../../lib/trigger.ts"

export default function Triggers() {
  const i18n = useI18n()
  const triggers = createAsync(() => listTriggers(), { deferStream: true })
  const remove = useAction(removeTrigger)
  const [removing, setRemoving] = createSignal<Info>()
  // Nobody announces that a time has come: the list is read again with each tick of the clock.
  createEffect(
    on(i18n.now, () => document.visibilityState === "visible" && void revalidate(listTriggers.key), { defer: true }),
  )

  return (
    <div class="column">
      <PageTitle text={i18n.t("trigger.title")} />
      <header>
        <h1>{i18n.t("trigger.title")}</h1>
        <p>{i18n.t("trigger.lead")}</p>
        <span class="spring" />
        <A href="/triggers/new" class="button">
          {i18n.t("trigger.new")}
        </A>
      </header>
      <Show when={triggers()}>
        {(triggers) => (
          <Show when={triggers().length > 0} fallback={<Empty />}>
            <ul class="triggers">
              <For each={triggers()}>{(info) => <TriggerItem info={info} onRemove={() => setRemoving(info)} />}</For>
            </ul>
          </Show>
        )}
      </Show>
      <Confirm
        open={removing() !== undefined}
        title={i18n.t("trigger.remove.title")}
        text={i18n.t("trigger.remove.text", { name: removing()?.name ?? "" })}
        confirm={i18n.t("trigger.remove")}
        onClose={() => setRemoving(undefined)}
        onConfirm={() => remove(removing()?.id ?? "")}
      />
    </div>
  )
}

function Empty() {
  const i18n = useI18n()
  return (
    <div class="empty">
      <h2>{i18n.t("trigger.empty.title")}</h2>
      <p>{i18n.t("trigger.empty.text")}</p>
    </div>
  )
}
