import { VisibleError } from "@remote-swe/core/error"
import { Logger } from "@remote-swe/core/logger"
import type { Context, Hono } from "hono"
import { createMiddleware } from "hono/factory"
import { HTTPException } from "hono/http-exception"
import { type Env, status } from "./common.ts"

/** The one place where an error becomes an answer. A bug is logged once, and answered without its text. */
export function onError(error: Error, c: Context<Env>) {
  const { requestID } = c.var
  if (error instanceof VisibleError) {
    if (error.kind === "unauthorized") c.header("www-authenticate", "Bearer")
    return c.json({ code: error.code, message: error.message }, status[error.kind])
  }
  if (error instanceof HTTPException && error.status < 500)
    return c.json({ code: "request.invalid", message: "The request cannot be read" }, 400)
  Logger.error("a request failed", { requestID, method: c.req.method, path: c.req.path, error })
  return c.json({ code: "internal", message: "Something went wrong on our side", requestID }, 500)
}

/** Answers 404 and 405 by the routes of `app`, before anybody is asked for a key. */
export function known(app: Pick<Hono<Env>, "routes">) {
  const table = () =>
    app.routes
      .filter((route) => route.method !== "ALL")
      .map(({ method, path }) => ({
        method,
        form: new RegExp(`^${path.replaceAll(".", "\\.").replace(/:[^/]+/g, "[^/]+")}$`),
      }))
  let routes: ReturnType<typeof table> | undefined

  return createMiddleware<Env>(async (c, next) => {
    routes ??= table()
    const here = routes.filter((route) => route.form.test(c.req.path))
    if (here.length === 0) throw new VisibleError("missing", "route.missing", "There is nothing at this address")
    const methods = new Set(here.map((route) => route.method))
    if (methods.has("GET")) methods.add("HEAD")
    if (methods.has(c.req.method)) return next()
    const allow = [...methods].sort().join(", ")
    return c.json({ code: "route.method", message: `This address answers ${allow}` }, 405, { allow })
  })
}
