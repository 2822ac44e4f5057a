import { useNavigate } from "@solidjs/router"
import { createContext, createSignal, onCleanup, onMount, type ParentProps, useContext } from "solid-js"
import { HelpDialog } from "../component/help-dialog.tsx"
import { Palette } from "../component/palette.tsx"

/** What a page can offer beside what works everywhere. */
export type Command = "composer" | "stop" | "search" | "view"

const Context = createContext<ReturnType<typeof create>>()

function create() {
  const [open, setOpen] = createSignal<"help" | "palette">()
  const commands = new Map<Command, () => void>()
  return { open, setOpen, commands }
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Single keys, where nobody types; with Ctrl or Cmd only what no browser uses for itself. */
export function ShortcutProvider(props: ParentProps) {
  const context = create()
  const navigate = useNavigate()
  const anywhere: Record<string, () => void> = {
    n: () => navigate("/new"),
    g: () => navigate("/"),
    "?": () => context.setOpen("help"),
    k: () => context.setOpen("palette"),
  }
  const offered: Record<string, Command> = { c: "composer", "/": "search", s: "stop", v: "view" }

  function press(event: KeyboardEvent) {
    if (event.defaultPrevented || event.altKey) return
    if ((event.metaKey || event.ctrlKey) && event.key === "k") {
      event.preventDefault()
      return context.setOpen("palette")
    }
    if (event.metaKey || event.ctrlKey || isTyping(event.target) || document.querySelector("dialog[open]")) return
    const command = offered[event.key]
    const run = anywhere[event.key] ?? (command && context.commands.get(command))
    if (!run) return
    event.preventDefault()
    run()
  }

  onMount(() => {
    document.addEventListener("keydown", press)
    onCleanup(() => document.removeEventListener("keydown", press))
  })

  return (
    <Context.Provider value={context}>
      {props.children}
      <HelpDialog open={context.open() === "help"} onClose={() => context.setOpen(undefined)} />
      <Palette open={context.open() === "palette"} onClose={() => context.setOpen(undefined)} />
    </Context.Provider>
  )
}

export function useShortcuts() {
  const context = useContext(Context)
  if (!context) throw new Error("ShortcutProvider is missing")
  return {
    show: context.setOpen,
    /** Runs `cb` on the key of `command` while the calling component lives. */
    on(command: Command, cb: () => void) {
      onMount(() => {
        context.commands.set(command, cb)
        onCleanup(() => context.commands.delete(command))
      })
    },
  }
}
