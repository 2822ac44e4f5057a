import { Actor } from "@remote-swe/core/actor"
import { Model } from "@remote-swe/core/model"
import { query } from "@solidjs/router"
import { Resource } from "sst"
import { withActor } from "../context/auth.ts"

/** What this installation serves. */
export const getSystem = query(async () => {
  "use server"
  return withActor(async () => {
    Actor.assert("session.read")
    const models = Model.list().map(({ id, name }) => ({ id, name }))
    const { id, name } = Model.initial()
    const { suggestion, workerLogsURL } = Resource.Settings
    return { provider: Model.provider(), models, initial: { id, name }, suggestion, workerLogsURL }
  })
}, "system.get")
