import { call } from "./call.ts"
import { data } from "./data.ts"
import { door } from "./door.ts"
import { image } from "./image.ts"
import { machine } from "./machine.ts"
import { operation } from "./operation.ts"
import { role } from "./role.ts"
import { slack } from "./slack.ts"
import { trigger } from "./trigger.ts"

/** All that must be true of what the program asks for. */
export const checks = [...operation, ...role, ...data, ...door, ...machine, ...image, ...slack, ...trigger, ...call]
