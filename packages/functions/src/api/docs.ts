import { html, raw } from "hono/html"
import type { Document } from "./document.ts"

const methods = ["get", "post", "put", "patch", "delete"] as const

/** The description as one page that loads nothing else. */
export function page(document: Document) {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method]
      return operation ? [{ path, method, operation }] : []
    }),
  )
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags ?? []))]
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${document.info.title} API</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        <main>
          <h1>${document.info.title} API</h1>
          ${document.info.description.split("\n\n").map((text) => html`<p>${text}</p>`)}
          <p><a href="openapi.json">openapi.json</a></p>
          ${tags.map((tag) => section(tag, operations))}
          <h2>Schemas</h2>
          ${Object.entries(document.components.schemas ?? {}).map(([name, schema]) => fold(name, schema))}
        </main>
      </body>
    </html>`
}

interface Item {
  path: string
  method: string
  operation: NonNullable<NonNullable<Document["paths"][string]>["get"]>
}

function section(tag: string, items: readonly Item[]) {
  const own = items.filter(({ operation }) => operation.tags?.includes(tag))
  return html`<h2>${tag}</h2>
    ${own.map(
      ({ path, method, operation }) =>
        html`<details>
          <summary>
            <b class="${method}">${method.toUpperCase()}</b> <code>${path}</code> <span>${operation.summary}</span>
          </summary>
          ${operation.parameters?.length ? fold("Parameters", operation.parameters) : ""}
          ${operation.requestBody ? fold("Body", operation.requestBody) : ""}
          ${Object.entries(operation.responses ?? {}).map(([code, response]) => fold(`Answer ${code}`, response))}
        </details>`,
    )}`
}

function fold(title: string, value: unknown) {
  return html`<details>
    <summary>${title}</summary>
    <pre>${JSON.stringify(value, null, 2)}</pre>
  </details>`
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
details { border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: .4rem; padding: .4rem .7rem; margin: .4rem 0 }
summary { cursor: pointer }
summary span { opacity: .75 }
pre { overflow: auto; font-size: .85rem }
b { display: inline-block; min-width: 4.5rem }
`
