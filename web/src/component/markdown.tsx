import { createEffect, createMemo, createSignal, Index, onCleanup, onMount, sharedConfig, Show } from "solid-js"
import { isServer } from "solid-js/web"
import { blocks, render } from "../lib/markdown.ts"
import { sanitize } from "../lib/sanitize.ts"

/**
 * Text of a model or a person as markup. Markup is made in the browser, where what must not be in it can be
 * taken away: what comes from the server is the text, until the page has come to life.
 */
export function Markdown(props: { text: string; live: boolean }) {
  const [alive, setAlive] = createSignal(!isServer && !sharedConfig.context)
  onMount(() => setAlive(true))
  return (
    <div class="prose" data-live={props.live}>
      <Show when={alive()} fallback={<p class="text">{props.text}</p>}>
        <Blocks text={props.text} />
      </Show>
    </div>
  )
}

/** Split up, so that what has been written stays as it is on the page while the last block grows. */
function Blocks(props: { text: string }) {
  const parts = createMemo(() => blocks(props.text))
  return <Index each={parts()}>{(part) => <Block text={part()} />}</Index>
}

/** Code is coloured when the text has rested for so long. */
const restMs = 120

function Block(props: { text: string }) {
  const html = createMemo(() => sanitize(render(props.text)))
  const refs: { element?: HTMLDivElement } = {}
  createEffect(() => {
    if (!html().includes("<pre")) return
    const timer = setTimeout(() => void colour(refs.element), restMs)
    onCleanup(() => clearTimeout(timer))
  })
  return <div ref={(element) => (refs.element = element)} innerHTML={html()} />
}

async function colour(element: HTMLElement | undefined) {
  const { highlight } = await import("../lib/highlight.ts")
  for (const code of element?.querySelectorAll<HTMLElement>("code[data-language]") ?? []) {
    code.innerHTML = highlight(code.textContent ?? "", code.dataset.language ?? "")
  }
}
