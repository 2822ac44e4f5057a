import type { Info as Event } from "@remote-swe/core/log/schema"
import type { Info as Actor } from "@remote-swe/core/actor/schema"
import type { Translator } from "../i18n/index.ts"

/** What an event says in one line, where it needs no more. */
export function eventLine(event: Event, { t, bytes, money }: Translator): string {
  switch (event.kind) {
    case "stop":
      return t("event.stop", { name: nameOf(event.actor, t) })
    case "joined":
      return t("event.joined", { generation: event.generation, host: event.host })
    case "left": {
      const line = t(`event.left.${event.reason}`, { generation: event.generation })
      return event.detail ? t("event.left.detail", { line, detail: event.detail }) : line
    }
    case "turn":
      return event.turn.phase === "ended" ? t(`event.turn.${event.turn.outcome}`) : ""
    case "title":
      return t("event.title", { title: event.title })
    case "summary":
      return t("event.summary")
    case "snapshot":
      return t("event.snapshot", { size: bytes(event.size) })
    case "setting": {
      const { budget, done, egress } = event
      if (egress) {
        const key = egress.always ? "event.setting.allowedAlways" : "event.setting.allowed"
        return t(key, { name: nameOf(event.actor, t), host: egress.allowed })
      }
      if (budget === null) return t("event.setting.noBudget")
      if (budget !== undefined) return t("event.setting.budget", { amount: money(budget) })
      return t(done ? "event.setting.done" : "event.setting.reopened")
    }
    default:
      return event.kind
  }
}

function nameOf(actor: Actor, t: Translator["t"]) {
  return "name" in actor ? actor.name : t(`actor.${actor.type}`)
}
