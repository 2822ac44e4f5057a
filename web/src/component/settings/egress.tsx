import type { Info } from "@remote-swe/core/egress/schema"
import { createAsync, useAction } from "@solidjs/router"
import { createSignal, For, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { listEgress, removeHost } from "../../lib/egress.ts"
import { Confirm } from "../confirm.tsx"

/** The hosts that commands may reach; nothing where they reach everything. */
export function Egress(props: { mayManage: boolean }) {
  const i18n = useI18n()
  const hosts = createAsync(() => listEgress(), { deferStream: true })
  const remove = useAction(removeHost)
  const [removing, setRemoving] = createSignal<Info>()
  return (
    <Show when={hosts()}>
      {(hosts) => (
        <section class="section">
          <h2>{i18n.t("settings.egress")}</h2>
          <p class="muted">{i18n.t("settings.egress.lead")}</p>
          <ul class="lines">
            <For each={hosts().items}>
              {(host) => (
                <li>
                  <code>{host.allowed}</code>
                  <span class="muted">
                    {i18n.now()
                      ? i18n.t("settings.egress.by", {
                          name: host.creator,
                          when: i18n.words.ago(host.time.created, i18n.now()),
                        })
                      : "\u00a0"}
                  </span>
                  <Show when={props.mayManage}>
                    <button
                      type="button"
                      class="button"
                      data-kind="danger"
                      data-size="small"
                      aria-label={i18n.t("settings.egress.removeLabel", { host: host.allowed })}
                      onClick={() => setRemoving(host)}
                    >
                      {i18n.t("settings.egress.remove")}
                    </button>
                  </Show>
                </li>
              )}
            </For>
            <For each={hosts().configured}>
              {(host) => (
                <li>
                  <code>{host}</code>
                  <span class="muted">{i18n.t("settings.egress.configured")}</span>
                </li>
              )}
            </For>
          </ul>
          <Confirm
            open={removing() !== undefined}
            title={i18n.t("settings.egress.removeTitle")}
            text={i18n.t("settings.egress.removeText", { host: removing()?.allowed ?? "" })}
            confirm={i18n.t("settings.egress.remove")}
            onClose={() => setRemoving(undefined)}
            onConfirm={() => remove(removing()?.id ?? "")}
          />
        </section>
      )}
    </Show>
  )
}
