import { createEffect, createSignal, For, on, onCleanup, onMount, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { useSession } from "../../context/session.tsx"
import { messageOf } from "../../lib/problem.ts"
import { createPin } from "../../lib/scroll.ts"
import { Icon } from "../icon.tsx"
import { Ask } from "./ask.tsx"
import { Retry } from "./retry.tsx"
import { RowView } from "./row.tsx"

export function Log() {
  const i18n = useI18n()
  const session = useSession()
  const { state } = session
  const pin = createPin()
  const [seen, setSeen] = createSignal(state.info.head)
  const [reading, setReading] = createSignal(false)
  const refs: { top?: HTMLElement } = {}
  const news = () => Math.max(0, state.info.head - seen())
  createEffect(on([pin.pinned, () => state.info.head], ([pinned]) => pinned && setSeen(state.info.head)))

  async function older() {
    if (reading() || state.first <= 1) return
    setReading(true)
    await pin.hold(session.older).finally(() => setReading(false))
    // Still in view: the page that came was short.
    if (inView()) void older()
  }
  const inView = () => (refs.top?.getBoundingClientRect().bottom ?? -1e9) > -600

  onMount(() => {
    const near = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && void older(), {
      rootMargin: "800px 0px 0px 0px",
    })
    if (refs.top) near.observe(refs.top)
    onCleanup(() => near.disconnect())
  })

  return (
    <div class="log-frame">
      <h2 class="hidden-label">{i18n.t("session.log")}</h2>
      <div class="log" ref={pin.scroller} tabindex="0" role="log" aria-label={i18n.t("session.log")} aria-live="off">
        <div class="rows" ref={pin.content}>
          <p class="beginning" ref={(element) => (refs.top = element)}>
            {state.first > 1 ? i18n.t("session.older") : i18n.t("session.beginning")}
          </p>
          <ol>
            <For each={state.chat.rows}>{(row) => <RowView row={row} />}</For>
          </ol>
          <Retry />
          <Show when={session.failure()}>
            {(error) => (
              <p class="problem" role="alert">
                {messageOf(error(), i18n)}
              </p>
            )}
          </Show>
          <Ask />
        </div>
      </div>
      <Show when={!pin.pinned()}>
        <button type="button" class="button latest" onClick={pin.toEnd}>
          <Icon name="down" size={14} />
          {news() > 0 ? i18n.words.plural("session.latest.count", news()) : i18n.t("session.latest")}
        </button>
      </Show>
    </div>
  )
}
