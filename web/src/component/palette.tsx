import type { Info } from "@remote-swe/core/session/schema"
import { useNavigate } from "@solidjs/router"
import { createMemo, createSignal, For, onMount, Show } from "solid-js"
import { useI18n } from "../context/i18n.tsx"
import { listSessions } from "../lib/session.ts"
import { Dialog } from "./dialog.tsx"
import { Icon } from "./icon.tsx"
import { Mark } from "./status.tsx"

export function Palette(props: { open: boolean; onClose(): void }) {
  const i18n = useI18n()
  return (
    <Dialog open={props.open} onClose={props.onClose} label={i18n.t("palette.label")} class="palette">
      <Search onClose={props.onClose} />
    </Dialog>
  )
}

function Search(props: { onClose(): void }) {
  const i18n = useI18n()
  const navigate = useNavigate()
  const [text, setText] = createSignal("")
  const [at, setAt] = createSignal(0)
  const [sessions, setSessions] = createSignal<Info[]>([])
  onMount(async () => setSessions((await listSessions({})).items))

  const found = createMemo(() => {
    const pages = [
      { href: "/new", title: i18n.t("nav.new") },
      { href: "/", title: i18n.t("nav.sessions") },
      { href: "/triggers", title: i18n.t("nav.triggers") },
      { href: "/usage", title: i18n.t("nav.usage") },
      { href: "/settings", title: i18n.t("nav.settings") },
    ]
    const all = [
      ...sessions().map(({ id, title, status }) => ({ href: `/session/${id}`, title, status })),
      ...pages.map((page) => ({ ...page, status: undefined })),
    ]
    const words = text().toLowerCase().split(/\s+/)
    return all.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word))).slice(0, 30)
  })

  function go(href: string | undefined) {
    if (!href) return
    props.onClose()
    navigate(href)
  }

  function press(event: KeyboardEvent) {
    // The Enter that ends a conversion is the input method's.
    if (event.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) setAt((at() + step + found().length) % Math.max(1, found().length))
    if (event.key === "Enter") go(found()[at()]?.href)
    if (step || event.key === "Enter") event.preventDefault()
  }

  return (
    <>
      <input
        autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={`palette-${at()}`}
        aria-label={i18n.t("palette.label")}
        placeholder={i18n.t("palette.placeholder")}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={press}
      />
      <ul id="palette-list" role="listbox" aria-label={i18n.t("palette.label")}>
        <For each={found()} fallback={<li class="muted">{i18n.t("palette.none")}</li>}>
          {(item, index) => (
            <li
              id={`palette-${index()}`}
              role="option"
              aria-selected={index() === at()}
              onClick={() => go(item.href)}
              onPointerMove={() => setAt(index())}
            >
              <Show when={item.status} fallback={<Icon name="chevron" size={12} />}>
                {(status) => <Mark status={status()} />}
              </Show>
              <span class="truncate">{item.title}</span>
              <span class="muted">{i18n.t(item.status ? "palette.session" : "palette.page")}</span>
            </li>
          )}
        </For>
      </ul>
    </>
  )
}
