import { createSignal, createUniqueId, For, type JSX, onCleanup, onMount, Show } from "solid-js"
import { Icon, type IconName } from "./icon.tsx"

interface Item {
  label: string
  icon: IconName
  danger?: boolean
  run(): void
}

/** A button that opens a few actions. Escape, a press elsewhere or leaving it by Tab closes it. */
export function Menu(props: { label: string; icon?: IconName; note?: JSX.Element; items: Item[] }) {
  const id = createUniqueId()
  const refs: { root?: HTMLDivElement; button?: HTMLButtonElement } = {}
  const [open, setOpen] = createSignal(false)

  onMount(() => {
    const outside = (event: Event) => {
      if (event.target instanceof Node && !refs.root?.contains(event.target)) setOpen(false)
    }
    document.addEventListener("pointerdown", outside)
    document.addEventListener("focusin", outside)
    onCleanup(() => {
      document.removeEventListener("pointerdown", outside)
      document.removeEventListener("focusin", outside)
    })
  })

  function press(event: KeyboardEvent) {
    if (event.key === "Escape" && open()) {
      setOpen(false)
      refs.button?.focus()
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step || !open()) return
    event.preventDefault()
    const items = [...(refs.root?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])]
    const at = items.findIndex((item) => item === document.activeElement)
    items.at((at + step) % items.length)?.focus()
  }

  return (
    <div class="menu" ref={(element) => (refs.root = element)} onKeyDown={press}>
      <button
        ref={(element) => (refs.button = element)}
        type="button"
        class="button"
        data-kind="plain"
        data-size="icon"
        aria-label={props.label}
        aria-haspopup="menu"
        aria-expanded={open()}
        aria-controls={id}
        onClick={() => setOpen(!open())}
      >
        <Icon name={props.icon ?? "dots"} />
      </button>
      <div id={id} role="menu" aria-label={props.label} hidden={!open()}>
        <Show when={open()}>
          {props.note}
          <For each={props.items}>
            {(item) => (
              <button
                type="button"
                role="menuitem"
                class="button"
                data-kind={item.danger ? "danger" : "plain"}
                onClick={() => {
                  setOpen(false)
                  item.run()
                }}
              >
                <Icon name={item.icon} size={14} />
                {item.label}
              </button>
            )}
          </For>
        </Show>
      </div>
    </div>
  )
}
