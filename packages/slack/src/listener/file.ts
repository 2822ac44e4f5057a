import { File } from "@remote-swe/core/file"
import { Slack } from "@remote-swe/core/slack"
import { Resource } from "sst"
import * as v from "valibot"
import type { Heard } from "./heard.ts"
import { tell } from "./heard.ts"

/** What is larger would have to go through memory. */
const largest = 50 * 1024 * 1024

const Shared = v.object({
  name: v.optional(v.nullable(v.string())),
  mimetype: v.optional(v.string(), ""),
  size: v.optional(v.number(), 0),
  url_private_download: v.optional(v.string()),
  url_private: v.optional(v.string()),
})
type Shared = v.InferOutput<typeof Shared>

/** The files of a message as the session's uploads; says in the thread which could not be taken. */
export async function take(heard: Heard): Promise<File.Ref[]> {
  const { words } = heard
  const taken: File.Ref[] = []
  for (const given of heard.files) {
    const shared = v.parse(Shared, given)
    const isFull = taken.length >= File.limits.perMessage
    const file = isFull ? words.tooMany : await upload(shared, words)
    if (typeof file !== "string") taken.push(file)
    else await tell(heard, words.fileSkipped(Slack.escape(shared.name ?? "?"), file))
  }
  return taken
}

/** The file, or why it cannot be taken. */
async function upload(shared: Shared, words: Slack.Words) {
  if (shared.size > largest) return words.tooLarge
  const url = shared.url_private_download ?? shared.url_private
  if (!url || !isSlacks(url)) return words.unreadable
  const bytes = await download(url, shared.mimetype)
  if (!bytes || bytes.length === 0) return words.unreadable
  if (bytes.length > largest) return words.tooLarge
  const type = v.is(File.MediaType, shared.mimetype) ? shared.mimetype : "application/octet-stream"
  const { file, upload } = await File.create({ name: nameOf(shared), type, size: bytes.length })
  const put = await fetch(upload.url, { method: "PUT", headers: upload.headers, body: bytes })
  if (!put.ok) throw new Error(`The bucket answered ${put.status} for ${file.id}`)
  return file
}

/** Undefined where Slack will not give it. The token goes to Slack and nowhere else, also when it redirects. */
async function download(url: string, type: string) {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${Resource.SlackBotToken.value}` },
    redirect: "error",
    signal: AbortSignal.timeout(30_000),
  })
  if (response.status === 429 || response.status >= 500) throw new Error(`Slack answered ${response.status} for a file`)
  // To a token without the right to read files Slack shows a page.
  const isPage = response.headers.get("content-type")?.startsWith("text/html") && !type.startsWith("text/")
  if (!response.ok || isPage) return
  return Buffer.from(await response.arrayBuffer())
}

function isSlacks(url: string) {
  if (!URL.canParse(url)) return false
  const { protocol, hostname, origin } = new URL(url)
  const { apiURL } = Resource.SlackSettings
  if (apiURL && origin === new URL(apiURL).origin) return true
  return protocol === "https:" && (hostname === "slack.com" || hostname.endsWith(".slack.com"))
}

function nameOf({ name }: Shared) {
  const safe = (name ?? "")
    .replace(/[/\\\0-\x1f]/g, "_")
    .trim()
    .slice(0, 200)
    .toWellFormed()
  return safe || "file"
}
