import { type Accessor, createContext, createSignal, onCleanup, onMount, type ParentProps, useContext } from "solid-js"
import { realtimeAccess } from "../lib/access.ts"
import { type Broker, createBroker } from "../lib/broker.ts"

/** `away`: what is shown comes from the log alone, read now and then. */
export type Link = "connecting" | "up" | "away"

interface Live {
  link: Accessor<Link>
  /** Hears a topic (without its root) for as long as the calling component lives. */
  listen(topic: string, listener: (payload: unknown) => void): void
  /** Calls `read` when something may have been missed, and now and then. */
  onCatchUp(read: () => void): void
}

const Context = createContext<Live>()

/** With a broker a look at the log is a precaution, without one it is all there is. */
const slowMs = 20_000
const fastMs = 2_000

export function LiveProvider(props: ParentProps) {
  const [link, setLink] = createSignal<Link>("connecting")
  const readers = new Set<() => void>()
  const catchUp = () => {
    for (const read of readers) read()
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
    const ticks = { fast: 0 }
    const timer = setInterval(() => {
      ticks.fast++
      const rest = link() === "up" ? slowMs / fastMs : 1
      if (document.visibilityState === "visible" && ticks.fast % rest === 0) catchUp()
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
    onCatchUp(read) {
      onMount(() => {
        readers.add(read)
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
