import { createContext, type ParentProps, useContext } from "solid-js"
import type { SessionStore } from "../lib/session-store.ts"

const Context = createContext<SessionStore>()

export function SessionProvider(props: ParentProps<{ store: SessionStore }>) {
  return <Context.Provider value={props.store}>{props.children}</Context.Provider>
}

export function useSession() {
  const store = useContext(Context)
  if (!store) throw new Error("SessionProvider is missing")
  return store
}
