import { type ParentProps, Show } from "solid-js"

/** A link to an address that the agent wrote: only where it leads to a web page. */
export function SafeLink(props: ParentProps<{ href: string; class?: string }>) {
  return (
    <Show when={/^https?:\/\//i.test(props.href)} fallback={<span>{props.children}</span>}>
      <a href={props.href} class={props.class} target="_blank" rel="noopener noreferrer">
        {props.children}
      </a>
    </Show>
  )
}
