/** Channels, people and files of a workspace in memory. */

export interface Posted {
  channel: string
  ts: string
  thread_ts?: string
  text: string
  blocks: Record<string, unknown>[]
  metadata?: { event_type: string; event_payload: { key?: string } }
  ephemeralTo?: string
  files?: string[]
}

export interface Person {
  name: string
  locale?: string
  is_restricted?: boolean
}

interface Stored {
  id: string
  name: string
  mimetype: string
  bytes: Buffer
}

export function workspace() {
  const posted: Posted[] = []
  const people = new Map<string, Person>([["U0ANN", { name: "Ann" }]])
  const reactions = new Map<string, string[]>()
  const files = new Map<string, Stored>()
  let clock = Math.floor(Date.now() / 1000)
  let count = 0
  const next = () => `${++clock}.${String(++count).padStart(6, "0")}`

  const thread = (ts: string) => posted.filter((message) => message.thread_ts === ts && !message.ephemeralTo)

  function post(args: Record<string, string>, more: Partial<Posted> = {}) {
    const { channel = "", thread_ts, text = "", blocks, metadata } = args
    const message: Posted = {
      ...{ channel, text, ts: next(), blocks: blocks ? JSON.parse(blocks) : [] },
      ...(thread_ts && { thread_ts }),
      ...(metadata && { metadata: JSON.parse(metadata) }),
      ...more,
    }
    posted.push(message)
    return { ok: true, channel, ts: message.ts, message }
  }

  function react(add: boolean, { timestamp = "", name = "" }: Record<string, string>) {
    const marks = reactions.get(timestamp) ?? []
    if (marks.includes(name) === add) return { ok: false, error: add ? "already_reacted" : "no_reaction" }
    reactions.set(timestamp, add ? [...marks, name] : marks.filter((mark) => mark !== name))
    return { ok: true }
  }

  function update({ ts, text = "", blocks = "[]" }: Record<string, string>) {
    const message = posted.find((item) => item.ts === ts)
    if (!message) return { ok: false, error: "message_not_found" }
    Object.assign(message, { text, blocks: JSON.parse(blocks) })
    return { ok: true, ts }
  }

  function complete({ files: given = "[]", channel_id = "", thread_ts = "" }: Record<string, string>) {
    const ids = (JSON.parse(given) as { id: string }[]).map((item) => item.id)
    if (ids.some((id) => !files.get(id)?.bytes.length)) return { ok: false, error: "file_not_found" }
    post({ channel: channel_id, thread_ts }, { files: ids })
    return { ok: true, files: ids.map((id) => ({ id })) }
  }

  function call(method: string, args: Record<string, string>, origin: string): object {
    switch (method) {
      case "chat.postMessage":
        return post(args)
      case "chat.postEphemeral":
        return post(args, { ephemeralTo: args["user"] ?? "" })
      case "chat.update":
        return update(args)
      case "chat.getPermalink":
        return {
          ok: true,
          permalink: `https://test.slack.com/archives/${args["channel"]}/p${args["message_ts"]?.replace(".", "")}`,
        }
      case "conversations.replies": {
        // Two at a time, so that whoever looks has to turn pages.
        const all = thread(args["ts"] ?? "")
        const start = Number(args["cursor"] ?? 0)
        const next_cursor = start + 2 < all.length ? String(start + 2) : ""
        return { ok: true, messages: all.slice(start, start + 2), response_metadata: { next_cursor } }
      }
      case "reactions.add":
        return react(true, args)
      case "reactions.remove":
        return react(false, args)
      case "users.info": {
        const person = people.get(args["user"] ?? "")
        if (!person) return { ok: false, error: "user_not_found" }
        return { ok: true, user: { id: args["user"], profile: { display_name: person.name }, ...person } }
      }
      case "files.getUploadURLExternal": {
        const id = `F${++count}`
        files.set(id, { id, name: args["filename"] ?? "", mimetype: "", bytes: Buffer.alloc(0) })
        return { ok: true, file_id: id, upload_url: `${origin}/upload/${id}` }
      }
      case "files.completeUploadExternal":
        return complete(args)
      default:
        throw new Error(`The workspace does not know ${method}`)
    }
  }

  return {
    posted,
    people,
    call,
    thread,
    next,
    marks: (ts: string) => reactions.get(ts) ?? [],
    file: (id: string) => files.get(id),
    fill(id: string, bytes: Buffer) {
      const file = files.get(id)
      if (file) file.bytes = bytes
    },
    share(name: string, mimetype: string, bytes: Buffer, origin: string) {
      const id = `F${++count}`
      files.set(id, { id, name, mimetype, bytes })
      return { id, name, mimetype, size: bytes.length, url_private_download: `${origin}/files/${id}` }
    },
  }
}
