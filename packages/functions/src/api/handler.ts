import { handle, streamHandle } from "hono/aws-lambda"
import { app } from "./app.ts"
import { isLive } from "./config.ts"

export const handler = isLive ? handle(app) : streamHandle(app)
