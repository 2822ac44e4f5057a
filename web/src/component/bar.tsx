import { A, createAsync, useLocation } from "@solidjs/router"
import { ErrorBoundary, For, Show, Suspense } from "solid-js"
import { useI18n } from "../context/i18n.tsx"
import { useLive } from "../context/live.tsx"
import { useShortcuts } from "../context/shortcut.tsx"
import { getSystem } from "../lib/system.ts"
import { Icon, Logo } from "./icon.tsx"
import { PersonMenu } from "./sign-in/person-menu.tsx"

const places = [
  { href: "/", key: "nav.sessions" },
  { href: "/triggers", key: "nav.triggers" },
  { href: "/usage", key: "nav.usage" },
  { href: "/settings", key: "nav.settings" },
] as const

export function Bar() {
  const i18n = useI18n()
  const location = useLocation()
  const shortcuts = useShortcuts()
  const isAt = (href: string) =>
    location.pathname === href || (href !== "/" && location.pathname.startsWith(`${href}/`))
  return (
    <header class="bar">
      <A href="/" class="brand" aria-label={i18n.t("app.name")}>
        <Logo />
        <span>{i18n.t("app.name")}</span>
      </A>
      <nav aria-label={i18n.t("nav.label")}>
        <For each={places}>
          {({ href, key }) => (
            <a href={href} class="place" aria-current={isAt(href) ? "page" : undefined}>
              {i18n.t(key)}
            </a>
          )}
        </For>
      </nav>
      <span class="spring" />
      <button type="button" class="button go" onClick={() => shortcuts.show("palette")}>
        <Icon name="search" size={14} />
        <span>{i18n.t("palette.label")}</span>
        <kbd aria-hidden="true">Ctrl K</kbd>
      </button>
      <button
        type="button"
        class="button wide"
        data-kind="plain"
        data-size="icon"
        aria-label={i18n.t("nav.help")}
        onClick={() => shortcuts.show("help")}
      >
        ?
      </button>
      <A href="/new" class="button" data-kind="primary" aria-label={i18n.t("nav.new")}>
        <Icon name="plus" size={14} />
        <span class="wide">{i18n.t("nav.new")}</span>
      </A>
      <ErrorBoundary fallback={<span />}>
        <Suspense>
          <PersonMenu />
        </Suspense>
      </ErrorBoundary>
    </header>
  )
}

/** What a person has to know whatever they look at: that the model is a demo, or that live updates are away. */
export function Notes() {
  const i18n = useI18n()
  const system = createAsync(() => getSystem(), { deferStream: true })
  const live = useLive()
  return (
    <aside aria-label={i18n.t("app.notes")}>
      <Show when={system()?.provider === "demo"}>
        <p class="demo">
          <strong>{i18n.t("demo.label")}</strong>
          <span class="wide">{i18n.t("demo.explain")}</span>
          <span>{i18n.t("demo.turnOn")}</span>
          <code>ANTHROPIC_API_KEY=… npm start</code>
        </p>
      </Show>
      <Show when={live.link() === "away"}>
        <p class="away" role="status">
          {i18n.t("app.offline")}
        </p>
      </Show>
    </aside>
  )
}
