import { Hono } from "hono"
import * as v from "valibot"
import { type Env, operation } from "../common.ts"
import type { Document } from "../document.ts"
import { page } from "../docs.ts"

const tag = "About"
const access = "public"

/** What anybody may read: that the API is there, and how to use it. */
export const MetaRoute = (document: () => Promise<Document>) =>
  new Hono<Env>()
    .get(
      "/health",
      operation({
        id: "health",
        tag,
        access,
        summary: "Whether the API answers",
        answer: v.strictObject({ ok: v.literal(true) }),
      }),
      (c) => c.json({ ok: true }),
    )
    .get(
      "/openapi.json",
      operation({ id: "openapi", tag, access, summary: "This description", answer: v.looseObject({}) }),
      async (c) => c.json(await document()),
    )
    .get(
      "/docs",
      operation({
        id: "docs",
        tag,
        access,
        summary: "This description, to read",
        answer: v.string(),
        media: "text/html",
      }),
      async (c) => {
        c.header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
        return c.html(page(await document()))
      },
    )
