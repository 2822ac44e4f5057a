import { isUtf8 } from "node:buffer"
import { relative, resolve } from "node:path"
import type { Context } from "./tool.ts"

const sample = 8_192

/** The text of a file with its byte order mark; undefined for what is not text. */
export function decode(bytes: Uint8Array): string | undefined {
  if (bytes.subarray(0, sample).includes(0) || !isUtf8(bytes)) return undefined
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
}

/** How a path is shown to the model: from the session's folder, where it is below it. */
export function shown(context: Pick<Context, "sandbox">, path: string) {
  const { root } = context.sandbox
  const short = relative(root, resolve(root, path))
  return short === "" ? "." : short.startsWith("..") ? resolve(root, path) : short
}

export const types: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  pdf: "application/pdf",
  svg: "image/svg+xml",
  txt: "text/plain",
  log: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  html: "text/html",
  json: "application/json",
  zip: "application/zip",
  gz: "application/gzip",
  mp4: "video/mp4",
  webm: "video/webm",
}

export const extension = (path: string) => /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? ""
