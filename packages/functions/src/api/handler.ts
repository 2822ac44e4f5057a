import { handle, streamHandle } from "hono/aws-lambda"
import { app } from "./app.ts"

// `sst dev` runs this elsewhere and cannot stream.
export const handler = process.env["SST_LIVE"] ? handle(app) : streamHandle(app)
