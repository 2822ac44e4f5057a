import mono from "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2?url"
import sans from "@fontsource-variable/schibsted-grotesk/files/schibsted-grotesk-latin-wght-normal.woff2?url"
import { createHandler, StartServer } from "@solidjs/start/server"
import { getRequestEvent } from "solid-js/web"
import { readCookie } from "./lib/cookie.ts"
import { localeFor } from "./lib/locale.ts"

export default createHandler(
  () => (
    <StartServer
      document={({ assets, children, scripts }) => {
        const headers = getRequestEvent()?.request.headers
        const theme = readCookie(headers?.get("cookie"), "theme")
        return (
          <html lang={localeFor(headers)} data-theme={theme === "light" || theme === "dark" ? theme : undefined}>
            <head>
              <meta charset="utf-8" />
              <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
              <meta name="color-scheme" content="light dark" />
              <link rel="preload" href={sans} as="font" type="font/woff2" crossorigin="" />
              <link rel="preload" href={mono} as="font" type="font/woff2" crossorigin="" />
              <link rel="icon" href="/icon.svg" type="image/svg+xml" />
              <link rel="manifest" href="/manifest.webmanifest" />
              {assets}
            </head>
            <body>
              <div id="app">{children}</div>
              {scripts}
            </body>
          </html>
        )
      }}
    />
  ),
  (event) => ({ nonce: event.locals.nonce }),
)
