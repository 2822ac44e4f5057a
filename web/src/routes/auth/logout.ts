import type { APIEvent } from "@solidjs/start/server"
import { logout } from "../../lib/sign-in/door.ts"

export const POST = ({ request }: APIEvent) => logout(request)
