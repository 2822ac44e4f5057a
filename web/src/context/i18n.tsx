import { createContext, createMemo, createSignal, onCleanup, onMount, type ParentProps, useContext } from "solid-js"
import { getRequestEvent, isServer } from "solid-js/web"
import { type Locale, translator } from "../i18n/index.ts"
import { writeCookie } from "../lib/cookie.ts"
import { localeFor, localeOf } from "../lib/locale.ts"

const Context = createContext<ReturnType<typeof create>>()

/** The server goes by the request; the browser goes on in the language of the page that it was given. */
const initial = () =>
  isServer ? localeFor(getRequestEvent()?.request.headers) : localeOf(document.documentElement.lang)

function create() {
  const [locale, setLocale] = createSignal(initial())
  const words = createMemo(() => translator(locale()))
  // The server cannot know the reader's clock: relative times appear with the first tick in the browser.
  const [now, setNow] = createSignal(0)
  onMount(() => {
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 15_000)
    onCleanup(() => clearInterval(timer))
  })
  return {
    words,
    now,
    setLocale(next: Locale) {
      writeCookie("locale", next)
      document.documentElement.lang = next
      setLocale(next)
    },
  }
}

export function I18nProvider(props: ParentProps) {
  return <Context.Provider value={create()}>{props.children}</Context.Provider>
}

export function useI18n() {
  const context = useContext(Context)
  if (!context) throw new Error("I18nProvider is missing")
  return {
    get t() {
      return context.words().t
    },
    get words() {
      return context.words()
    },
    now: context.now,
    locale: () => context.words().locale,
    setLocale: context.setLocale,
  }
}
