import { Fold } from "@remote-swe/core/session/fold"
import type { Info, Status } from "@remote-swe/core/session/schema"
import { A, createAsync, revalidate, useSearchParams } from "@solidjs/router"
import { createComputed, createSignal, For, Show } from "solid-js"
import { PageTitle } from "../component/page-title.tsx"
import { SessionFilter } from "../component/session-filter.tsx"
import { SessionItem } from "../component/session-item.tsx"
import { useI18n } from "../context/i18n.tsx"
import { useLive } from "../context/live.tsx"
import { listSessions } from "../lib/session.ts"
import { type Filter, merge } from "../lib/session-list.ts"

export default function Sessions() {
  const i18n = useI18n()
  const live = useLive()
  const [search, setSearch] = useSearchParams<{ status?: Status; search?: string; demo?: string }>()
  const filter = (): Filter => ({ status: search.status, search: search.search || undefined })
  const page = createAsync(() => listSessions(filter()), { deferStream: true })

  const [items, setItems] = createSignal<Info[]>([])
  const [cursor, setCursor] = createSignal<string>()
  const [loading, setLoading] = createSignal(false)
  createComputed(() => {
    const first = page()
    if (!first) return
    setItems(first.items)
    setCursor(first.cursor)
  })

  async function more() {
    setLoading(true)
    const next = await listSessions({ ...filter(), cursor: cursor() }).finally(() => setLoading(false))
    const known = new Set(items().map((item) => item.id))
    setItems([...items(), ...next.items.filter((item) => !known.has(item.id))])
    setCursor(next.cursor)
  }

  live.listen("sessions", (message) => setItems(merge(items(), message, filter())))
  // Reading the first page again would take away the pages that were asked for since.
  live.onCatchUp(
    () => items().length <= 30 && revalidate(listSessions.keyFor(filter())),
    () => !items().some(Fold.needsWork),
  )

  return (
    <div class="column">
      <PageTitle text={i18n.t("list.title")} />
      <header>
        <h1>{i18n.t("list.title")}</h1>
      </header>
      <SessionFilter filter={filter()} onChange={(next) => setSearch({ ...next })} />
      <Show when={page()}>
        <Show
          when={items().length > 0}
          fallback={<Empty filter={filter()} onClear={() => setSearch({ status: undefined, search: undefined })} />}
        >
          <ul class="sessions">
            <For each={items()}>{(info) => <SessionItem info={info} />}</For>
          </ul>
          <Show when={cursor()}>
            <p class="more">
              <button type="button" class="button" disabled={loading()} onClick={more}>
                {i18n.t("list.more")}
              </button>
            </p>
          </Show>
        </Show>
      </Show>
    </div>
  )
}

function Empty(props: { filter: Filter; onClear(): void }) {
  const i18n = useI18n()
  return (
    <Show
      when={props.filter.status || props.filter.search}
      fallback={
        <div class="empty">
          <h2>{i18n.t("list.empty.title")}</h2>
          <p>{i18n.t("list.empty.text")}</p>
          <A href="/new" class="button" data-kind="primary">
            {i18n.t("nav.new")}
          </A>
        </div>
      }
    >
      <div class="empty">
        <h2>{i18n.t("list.none.title")}</h2>
        <p>{i18n.t("list.none.text")}</p>
        <button type="button" class="button" onClick={() => props.onClear()}>
          {i18n.t("list.none.clear")}
        </button>
      </div>
    </Show>
  )
}
