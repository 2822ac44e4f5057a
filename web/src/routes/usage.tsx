import { createAsync, useSearchParams } from "@solidjs/router"
import { For, Show } from "solid-js"
import { DayBars } from "../component/day-bars.tsx"
import { PageTitle } from "../component/page-title.tsx"
import { CostText, UsageTable } from "../component/usage-table.tsx"
import { useI18n } from "../context/i18n.tsx"
import { usageReport } from "../lib/usage.ts"

const ranges = [7, 30, 90]

export default function UsagePage() {
  const i18n = useI18n()
  const [search, setSearch] = useSearchParams<{ days?: string }>()
  const days = () => ranges.find((range) => String(range) === search.days) ?? 30
  const report = createAsync(() => usageReport(days()), { deferStream: true })
  return (
    <div class="column">
      <PageTitle text={i18n.t("usage.title")} />
      <header>
        <h1>{i18n.t("usage.title")}</h1>
        <p>{i18n.t("usage.lead")}</p>
      </header>
      <div class="filters">
        <div class="choice" role="group" aria-label={i18n.t("usage.title")}>
          <For each={ranges}>
            {(range) => (
              <button type="button" aria-pressed={days() === range} onClick={() => setSearch({ days: range })}>
                {i18n.t("usage.range", { days: range })}
              </button>
            )}
          </For>
        </div>
      </div>
      <Show when={report()}>
        {(report) => (
          <Show when={report().total.calls > 0} fallback={<p class="muted">{i18n.t("usage.none")}</p>}>
            <dl class="totals">
              <div>
                <dt>{i18n.t("usage.cost")}</dt>
                <dd>
                  <CostText total={report().total} />
                </dd>
              </div>
              <div>
                <dt>{i18n.t("usage.calls")}</dt>
                <dd>{i18n.words.number(report().total.calls)}</dd>
              </div>
              <div>
                <dt>{i18n.t("usage.input")}</dt>
                <dd>
                  {i18n.words.compact(
                    report().total.tokens.input + report().total.tokens.cacheRead + report().total.tokens.cacheWrite,
                  )}
                </dd>
              </div>
              <div>
                <dt>{i18n.t("usage.output")}</dt>
                <dd>{i18n.words.compact(report().total.tokens.output)}</dd>
              </div>
            </dl>
            <section class="section">
              <h2>{i18n.t("usage.byDay")}</h2>
              <DayBars days={report().days} from={report().from} to={report().to} />
              <UsageTable
                label={i18n.t("usage.day")}
                rows={report()
                  .days.toReversed()
                  .map(({ day, total }) => ({ name: i18n.words.day(day), total }))}
              />
            </section>
            <section class="section">
              <h2>{i18n.t("usage.byModel")}</h2>
              <UsageTable
                label={i18n.t("usage.model")}
                rows={report().models.map(({ modelID, total }) => ({ name: modelID, total }))}
              />
            </section>
            <section class="section">
              <h2>{i18n.t("usage.bySession")}</h2>
              <UsageTable
                label={i18n.t("usage.session")}
                rows={report().sessions.map(({ sessionID, total }) => {
                  const title = report().titles[sessionID]
                  return { name: title ?? sessionID, total, ...(title && { href: `/session/${sessionID}` }) }
                })}
              />
            </section>
          </Show>
        )}
      </Show>
    </div>
  )
}
