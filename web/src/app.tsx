import { MetaProvider } from "@solidjs/meta"
import { Router, type RouteSectionProps } from "@solidjs/router"
import { FileRoutes } from "@solidjs/start/router"
import { ErrorBoundary, Suspense } from "solid-js"
import { Bar, Notes } from "./component/bar.tsx"
import { Sorry } from "./component/sorry.tsx"
import { I18nProvider, useI18n } from "./context/i18n.tsx"
import { LiveProvider, useLive } from "./context/live.tsx"
import { ShortcutProvider } from "./context/shortcut.tsx"
import "./style/token.css"
import "./style/base.css"
import "./style/control.css"
import "./style/shell.css"
import "./style/list.css"
import "./style/form.css"
import "./style/session.css"
import "./style/log.css"
import "./style/event.css"
import "./style/ask.css"
import "./style/diff.css"

export default function App() {
  return (
    <MetaProvider>
      <I18nProvider>
        <LiveProvider>
          <Router root={Shell} explicitLinks={false}>
            <FileRoutes />
          </Router>
        </LiveProvider>
      </I18nProvider>
    </MetaProvider>
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
        <main id="content" class="page" tabindex="-1">
          <ErrorBoundary fallback={(error, reset) => <Sorry error={error} reset={reset} />}>
            <Suspense>{props.children}</Suspense>
          </ErrorBoundary>
        </main>
      </div>
    </ShortcutProvider>
  )
}
