import { query } from "@solidjs/router"
import { caller, withActor } from "../../context/auth.ts"

/** Who signed in; null for the owner of a dashboard on loopback, who did not have to. */
export const getPerson = query(async () => {
  "use server"
  return withActor(async () => {
    const { person } = await caller()
    return person ? { name: person.name, email: person.email, role: person.role } : null
  })
}, "person.get")
