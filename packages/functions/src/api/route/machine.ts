import { Access, Proof } from "@remote-swe/core/identity/schema"
import { Machine } from "@remote-swe/core/machine"
import { Model } from "@remote-swe/core/model"
import { Hono } from "hono"
import { type Env, operation, validator } from "../common.ts"

const tag = "Worker"

/** What a machine is given so that its user data need not hold it. */
export const MachineRoute = new Hono<Env>()
  .post(
    "/token",
    operation({
      id: "machine.token",
      tag,
      access: "public",
      summary: "Exchange a booting machine's proof of what it is for its session token",
      answer: Access,
      problems: ["forbidden", "large"],
    }),
    validator("json", Proof),
    async (c) => c.json({ token: await Machine.exchange(c.req.valid("json")) }),
  )
  .get(
    "/model-credential",
    operation({
      id: "machine.credential",
      tag,
      access: "worker",
      summary: "What the model's provider asks for; empty where it asks for nothing",
      answer: Model.Credential,
    }),
    (c) => {
      const { actor } = c.var
      if (actor.type !== "worker") throw new Error("Only workers get here")
      return c.json(Model.credential(actor.sessionID))
    },
  )
