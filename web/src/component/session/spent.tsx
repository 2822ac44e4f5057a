import type { Total } from "@remote-swe/core/usage/schema"
import { Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"

/** Cost and tokens. What has no known price is said to be unknown. */
export function Spent(props: { total: Total }) {
  const i18n = useI18n()
  const unpriced = () => props.total.cost.unpriced
  const nothingKnown = () => unpriced() > 0 && unpriced() === props.total.calls
  return (
    <dl class="pairs">
      <dt>{i18n.t("usage.cost")}</dt>
      <dd>
        {nothingKnown() ? i18n.t("usage.unknown") : i18n.words.money(props.total.cost.usd)}
        <Show when={unpriced() > 0 && !nothingKnown()}>
          <span class="muted"> + {i18n.words.plural("usage.unpriced", unpriced())}</span>
        </Show>
      </dd>
      <dt>{i18n.t("usage.calls")}</dt>
      <dd>{i18n.words.number(props.total.calls)}</dd>
      <dt>{i18n.t("usage.input")}</dt>
      <dd>{i18n.words.compact(props.total.tokens.input)}</dd>
      <dt>{i18n.t("usage.output")}</dt>
      <dd>{i18n.words.compact(props.total.tokens.output)}</dd>
      <dt>{i18n.t("usage.cacheRead")}</dt>
      <dd>{i18n.words.compact(props.total.tokens.cacheRead)}</dd>
      <dt>{i18n.t("usage.cacheWrite")}</dt>
      <dd>{i18n.words.compact(props.total.tokens.cacheWrite)}</dd>
    </dl>
  )
}
