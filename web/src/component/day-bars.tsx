import type { Total } from "@remote-swe/core/usage/schema"
import { For } from "solid-js"
import { useI18n } from "../context/i18n.tsx"

const dayMs = 86_400_000
const height = 100

/** What each day cost, one bar a day; by tokens where no price is known. */
export function DayBars(props: { days: { day: string; total: Total }[]; from: string; to: string }) {
  const i18n = useI18n()
  const priced = () => props.days.some(({ total }) => total.cost.usd > 0)
  const size = ({ cost, tokens }: Total) => (priced() ? cost.usd : tokens.input + tokens.output + tokens.cacheRead)
  const known = () => new Map(props.days.map(({ day, total }) => [day, size(total)]))
  const bars = () => {
    const count = Math.round((Date.parse(props.to) - Date.parse(props.from)) / dayMs) + 1
    return Array.from({ length: count }, (_, index) => {
      const day = new Date(Date.parse(props.from) + index * dayMs).toISOString().slice(0, 10)
      return { day, value: known().get(day) ?? 0 }
    })
  }
  const highest = () => Math.max(...bars().map(({ value }) => value), Number.MIN_VALUE)
  return (
    <svg
      class="bars"
      viewBox={`0 0 ${bars().length * 10} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={i18n.t("usage.byDay")}
    >
      <For each={bars()}>
        {({ value }, index) => {
          const tall = () => Math.max(value > 0 ? 2 : 0.6, (value / highest()) * height)
          return <rect x={index() * 10 + 1} y={height - tall()} width="8" height={tall()} rx="1" />
        }}
      </For>
    </svg>
  )
}
