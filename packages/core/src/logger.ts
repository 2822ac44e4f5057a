export * as Logger from "./logger.ts"

type Fields = Record<string, unknown>
type Level = "info" | "warn" | "error"

/** One JSON line to standard error. Fields must hold ids and figures, never payloads or secrets. */
function write(level: Level, message: string, fields: Fields = {}) {
  const line = { level, time: new Date().toISOString(), message, ...fields }
  process.stderr.write(`${JSON.stringify(line, serializeError)}\n`)
}

export const info = (message: string, fields?: Fields) => write("info", message, fields)
export const warn = (message: string, fields?: Fields) => write("warn", message, fields)
export const error = (message: string, fields?: Fields) => write("error", message, fields)

function serializeError(_: string, value: unknown) {
  if (!(value instanceof Error)) return value
  return { name: value.name, message: value.message, stack: value.stack, cause: value.cause }
}
