import { type Accessor, createContext, createSignal, onCleanup, onMount, type ParentProps, useContext } from "solid-js"
import { realtimeAccess } from "../lib/access.ts"
import { type Broker, createBroker } from "../lib/broker.ts"

/** `away`: what is shown comes from the log alone, read now and then. */
export type Link = "connecting" | "up" | "away"

interface Live {
  link: Accessor<Link>
  /** Hears a topic (without its root) for as long as the calling component lives. */
  listen(topic: string, listener: (payload: unknown) => void): void
  /**
   * Calls `read` when something may have been missed, and now and then: seldom where `rests` says that
   * nothing is expected.
   */
  onCatchUp(read: () => void, rests?: () => boolean): void
}

const Context = createContext<Live>()

/** Without a broker, looking at the log is all there is; with one it is a precaution, and each look is paid for. */
const fastMs = 2_000
const slowMs = 30_000
const restMs = 300_000

export function LiveProvider(props: ParentProps) {
  const [link, setLink] = createSignal<Link>("connecting")
  const readers = new Map<() => void, (() => boolean) | undefined>()
  const catchUp = () => {
    for (const read of readers.keys()) read()
  }
  /** A look at what is due after `ticks` of the clock. */
  function look(ticks: number) {
    const isDue = (everyMs: number) => ticks % (everyMs / fastMs) === 0
    for (const [read, rests] of readers) if (link() !== "up" || isDue(rests?.() ? restMs : slowMs)) read()
  }

  const changed = (connected: boolean) => {
    setLink(connected ? "up" : "away")
    if (connected) catchUp()
  }
  const broker: Broker = createBroker({ access: realtimeAccess, changed })

  onMount(() => {
    const awake = () => {
      if (document.visibilityState === "hidden") return
      broker.wake()
      catchUp()
    }
    let ticks = 0
    const timer = setInterval(() => {
      ticks++
      if (document.visibilityState === "visible") look(ticks)
    }, fastMs)
    document.addEventListener("visibilitychange", awake)
    addEventListener("online", awake)
    void broker.connect()
    onCleanup(() => {
      clearInterval(timer)
      document.removeEventListener("visibilitychange", awake)
      removeEventListener("online", awake)
      broker.close()
    })
  })

  const live: Live = {
    link,
    listen(topic, listener) {
      onMount(() => onCleanup(broker.listen(topic, listener)))
    },
    onCatchUp(read, rests) {
      onMount(() => {
        readers.set(read, rests)
        onCleanup(() => readers.delete(read))
      })
    },
  }
  return <Context.Provider value={live}>{props.children}</Context.Provider>
}

export function useLive() {
  const live = useContext(Context)
  if (!live) throw new Error("LiveProvider is missing")
  return live
}
