import type { Total } from "@remote-swe/core/usage/schema"
import { A } from "@solidjs/router"
import { For, Show } from "solid-js"
import { useI18n } from "../context/i18n.tsx"

interface Row {
  name: string
  total: Total
  href?: string
}

export function UsageTable(props: { label: string; rows: Row[] }) {
  const i18n = useI18n()
  return (
    <div class="scroll" tabindex="0" role="region" aria-label={props.label}>
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">{props.label}</th>
            <th scope="col">{i18n.t("usage.cost")}</th>
            <th scope="col">{i18n.t("usage.calls")}</th>
            <th scope="col">{i18n.t("usage.input")}</th>
            <th scope="col">{i18n.t("usage.cacheRead")}</th>
            <th scope="col">{i18n.t("usage.cacheWrite")}</th>
            <th scope="col">{i18n.t("usage.output")}</th>
          </tr>
        </thead>
        <tbody>
          <For each={props.rows}>
            {(row) => (
              <tr>
                <td>
                  <Show when={row.href} fallback={row.name}>
                    {(href) => <A href={href()}>{row.name}</A>}
                  </Show>
                </td>
                <td>
                  <CostText total={row.total} />
                </td>
                <td>{i18n.words.number(row.total.calls)}</td>
                <td>{i18n.words.compact(row.total.tokens.input)}</td>
                <td>{i18n.words.compact(row.total.tokens.cacheRead)}</td>
                <td>{i18n.words.compact(row.total.tokens.cacheWrite)}</td>
                <td>{i18n.words.compact(row.total.tokens.output)}</td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </div>
  )
}

/** A cost, and how many calls it leaves out because nobody knows their price. */
export function CostText(props: { total: Total }) {
  const i18n = useI18n()
  const unpriced = () => props.total.cost.unpriced
  return (
    <>
      {unpriced() > 0 && unpriced() === props.total.calls
        ? i18n.t("usage.unknown")
        : i18n.words.money(props.total.cost.usd)}
      <Show when={unpriced() > 0 && unpriced() < props.total.calls}>
        <small class="muted"> + {i18n.words.plural("usage.unpriced", unpriced())}</small>
      </Show>
    </>
  )
}
