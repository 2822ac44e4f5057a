import { query } from "@solidjs/router"
import { caller } from "../../context/auth.ts"

/** Who signed in; null for the owner of a dashboard on loopback, and for nobody. */
export const getPerson = query(async () => {
  "use server"
  const { person } = await caller()
  return person ? { name: person.name, email: person.email, role: person.role } : null
}, "person.get")
