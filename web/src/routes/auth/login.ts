import type { APIEvent } from "@solidjs/start/server"
import { login } from "../../lib/sign-in/door.ts"

export const GET = ({ request }: APIEvent) => login(request)
