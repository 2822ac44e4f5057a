import { data } from "./data.ts"
import { deliver } from "./deliver.ts"
import { door } from "./door.ts"
import { image } from "./image.ts"
import { machine } from "./machine.ts"
import { role } from "./role.ts"
import { running } from "./running.ts"
import { trigger } from "./trigger.ts"

export const mutations = [...role, ...data, ...door, ...machine, ...image, ...deliver, ...trigger, ...running]
