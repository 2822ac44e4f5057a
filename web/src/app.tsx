import { MetaProvider } from "@solidjs/meta"
import { Router, type RouteSectionProps } from "@solidjs/router"
import { FileRoutes } from "@solidjs/start/router"
import { ErrorBoundary, Show, Suspense } from "solid-js"
import { Bar, Notes } from "./component/bar.tsx"
import { SignedOut } from "./component/sign-in/signed-out.tsx"
import { Sorry } from "./component/sorry.tsx"
import { I18nProvider, useI18n } from "./context/i18n.tsx"
import { LiveProvider, useLive } from "./context/live.tsx"
import { ShortcutProvider } from "./context/shortcut.tsx"
import "./style/token.css"
import "./style/base.css"
import "./style/control.css"
import "./style/shell.css"
import "./style/sign-in.css"
import "./style/list.css"
import "./style/form.css"
import "./style/session.css"
import "./style/log.css"
import "./style/event.css"
import "./style/ask.css"
import "./style/diff.css"
import "./style/trigger.css"

export default function App() {
  return (
    <MetaProvider>
      <I18nProvider>
        <Router root={Root} explicitLinks={false}>
          <FileRoutes />
        </Router>
      </I18nProvider>
    </MetaProvider>
  )
}

function Root(props: RouteSectionProps) {
  return (
    <Show when={!props.location.pathname.startsWith("/auth/")} fallback={<Outside {...props} />}>
      <LiveProvider>
        <Shell {...props} />
      </LiveProvider>
    </Show>
  )
}

/** Who is not signed in sees a page and nothing around it. */
function Outside(props: RouteSectionProps) {
  return (
    <main>
      <Suspense>{props.children}</Suspense>
    </main>
  )
}

function Shell(props: RouteSectionProps) {
  const i18n = useI18n()
  const live = useLive()
  return (
    <ShortcutProvider>
      <div class="shell" data-link={live.link()}>
        <a class="skip" href="#content">
          {i18n.t("app.skip")}
        </a>
        <Bar />
        <ErrorBoundary fallback={<div />}>
          <Suspense fallback={<div />}>
            <Notes />
          </Suspense>
        </ErrorBoundary>
        <SignedOut />
        <main id="content" class="page" tabindex="-1">
          <ErrorBoundary fallback={(error, reset) => <Sorry error={error} reset={reset} />}>
            <Suspense>{props.children}</Suspense>
          </ErrorBoundary>
        </main>
      </div>
    </ShortcutProvider>
  )
}
