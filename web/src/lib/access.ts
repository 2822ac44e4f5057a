import { Actor } from "@remote-swe/core/actor"
import { Realtime } from "@remote-swe/core/realtime"
import { Topic } from "@remote-swe/core/realtime/topic"
import { withActor } from "../context/auth.ts"

/** Opens the broker for what every page of the dashboard may listen to. */
export async function realtimeAccess() {
  "use server"
  return withActor(async () => {
    const actor = Actor.assert("session.read")
    const root = Realtime.root()
    const subscribe = [Topic.sessions(root), Topic.session(root, "*", "events"), Topic.session(root, "*", "delta")]
    return Realtime.access(actor, { subscribe, publish: [] })
  })
}
