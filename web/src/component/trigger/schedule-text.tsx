import type { Info as Schedule } from "@remote-swe/core/schedule/schema"
import { Match, Switch } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"

/** When a trigger fires, in a few words. */
export function ScheduleText(props: { schedule: Schedule }) {
  const i18n = useI18n()
  return (
    <Switch fallback={i18n.t("trigger.once")}>
      <Match when={props.schedule.type === "cron" && props.schedule}>
        {(cron) => (
          <>
            <code>{cron().cron}</code> {cron().timezone}
          </>
        )}
      </Match>
      <Match when={props.schedule.type === "rate" && props.schedule}>
        {(rate) => i18n.words.plural(`trigger.rate.${rate().unit}`, rate().every)}
      </Match>
    </Switch>
  )
}
