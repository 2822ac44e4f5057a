import { Removal } from "@remote-swe/core/machine/ec2/remove"
import * as v from "valibot"

/** What a deployment says of itself when it makes, changes or removes what calls this. */
const Event = v.looseObject({ tf: v.looseObject({ action: v.picklist(["create", "update", "delete"]) }) })

/** Takes away what the stage has made at run time, once it is removed, and at no other time. */
export async function handler(event: unknown) {
  const { tf } = v.parse(Event, event)
  if (tf.action === "delete") await Removal.remove()
  return { action: tf.action }
}
