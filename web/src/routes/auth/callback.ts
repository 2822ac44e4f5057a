import type { APIEvent } from "@solidjs/start/server"
import { callback } from "../../lib/sign-in/door.ts"

export const GET = ({ request }: APIEvent) => callback(request)
