import { createSignal, For, onMount } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { type Locale, locales } from "../../i18n/index.ts"
import { readCookie, writeCookie } from "../../lib/cookie.ts"

const themes = ["auto", "light", "dark"] as const
type Theme = (typeof themes)[number]

export function Appearance() {
  const i18n = useI18n()
  const [theme, setTheme] = createSignal<Theme>("auto")
  onMount(() => setTheme(themes.find((item) => item === readCookie(document.cookie, "theme")) ?? "auto"))

  function choose(next: Theme) {
    setTheme(next)
    writeCookie("theme", next)
    const root = document.documentElement
    if (next === "auto") return root.removeAttribute("data-theme")
    root.setAttribute("data-theme", next)
  }

  return (
    <section class="section">
      <h2>{i18n.t("settings.appearance")}</h2>
      <div class="fields">
        <div class="field">
          <span class="label" id="theme-label">
            {i18n.t("theme.label")}
          </span>
          <div class="choice" role="group" aria-labelledby="theme-label">
            <For each={themes}>
              {(item) => (
                <button type="button" aria-pressed={theme() === item} onClick={() => choose(item)}>
                  {i18n.t(`theme.${item}`)}
                </button>
              )}
            </For>
          </div>
        </div>
        <div class="field">
          <label for="language">{i18n.t("language.label")}</label>
          <select id="language" class="input" onChange={(event) => i18n.setLocale(event.currentTarget.value as Locale)}>
            <For each={locales}>
              {(locale) => (
                <option value={locale} selected={locale === i18n.locale()}>
                  {i18n.t(`language.${locale}`)}
                </option>
              )}
            </For>
          </select>
        </div>
      </div>
    </section>
  )
}
