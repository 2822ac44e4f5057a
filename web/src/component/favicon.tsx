import { createEffect, onCleanup } from "solid-js"

/** The tab says whether the agent works, so that one can look elsewhere. */
export function Favicon(props: { working: boolean }) {
  const show = (working: boolean) =>
    document.querySelector('link[rel="icon"]')?.setAttribute("href", working ? "/icon-working.svg" : "/icon.svg")
  createEffect(() => show(props.working))
  onCleanup(() => typeof document === "undefined" || show(false))
  return null
}
