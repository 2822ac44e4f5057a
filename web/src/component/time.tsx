import { useI18n } from "../context/i18n.tsx"

/** How long ago; exact on hover. Empty until the reader's clock is known. */
export function Ago(props: { at: number }) {
  const i18n = useI18n()
  return (
    <time datetime={new Date(props.at).toISOString()} title={i18n.now() ? i18n.words.moment(props.at) : undefined}>
      {i18n.now() ? i18n.words.ago(props.at, i18n.now()) : "\u00a0"}
    </time>
  )
}

export function Clock(props: { at: number }) {
  const i18n = useI18n()
  return (
    <time datetime={new Date(props.at).toISOString()} title={i18n.now() ? i18n.words.moment(props.at) : undefined}>
      {i18n.now() ? i18n.words.clock(props.at) : "\u00a0"}
    </time>
  )
}
