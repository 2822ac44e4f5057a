import type { Read } from "@remote-swe/core/log/schema"
import type { Info } from "@remote-swe/core/session/schema"
import { createSignal, Match, Switch } from "solid-js"
import { SessionProvider } from "../../context/session.tsx"
import { useI18n } from "../../context/i18n.tsx"
import { useShortcuts } from "../../context/shortcut.tsx"
import { createSessionStore } from "../../lib/session-store.ts"
import { Favicon } from "../favicon.tsx"
import { PageTitle } from "../page-title.tsx"
import { Changes } from "./changes.tsx"
import { Composer } from "./composer.tsx"
import { Details } from "./details.tsx"
import { Header } from "./header.tsx"
import { Log } from "./log.tsx"

const views = ["log", "changes", "details"] as const
export type View = (typeof views)[number]

export function SessionView(props: { opened: { info: Info; events: Read[]; mayAlways: boolean } }) {
  const i18n = useI18n()
  const store = createSessionStore(props.opened)
  const [view, setView] = createSignal<View>("log")
  useShortcuts().on("view", () => setView(views[(views.indexOf(view()) + 1) % views.length] ?? "log"))
  const isLive = () => ["starting", "working"].includes(store.state.info.status)
  return (
    <SessionProvider store={store}>
      <PageTitle text={store.state.info.title} />
      <Favicon working={isLive()} />
      <div class="session" data-view={view()}>
        <Header view={view()} onView={setView} />
        <section class="talk" aria-label={i18n.t("session.log")}>
          <Log />
          <Composer />
        </section>
        <aside class="inspector" aria-label={i18n.t("session.inspector")}>
          <Switch fallback={<Details />}>
            <Match when={view() === "changes"}>
              <Changes />
            </Match>
          </Switch>
        </aside>
      </div>
    </SessionProvider>
  )
}
