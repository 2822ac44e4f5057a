/** What Slack's methods ask for: arguments, and the right of the token. From Slack's reference of methods. */

export interface Method {
  needs: readonly string[]
  scope?: string
  token?: "app"
}

export const methods: Record<string, Method> = {
  "apps.connections.open": { needs: [], token: "app" },
  "auth.test": { needs: [] },
  "chat.getPermalink": { needs: ["channel", "message_ts"] },
  "chat.postEphemeral": { needs: ["channel", "user", "text"], scope: "chat:write" },
  "chat.postMessage": { needs: ["channel", "text"], scope: "chat:write" },
  "chat.update": { needs: ["channel", "ts", "text"], scope: "chat:write" },
  // And the same for the other kinds of conversations.
  "conversations.replies": { needs: ["channel", "ts"], scope: "channels:history" },
  "files.completeUploadExternal": { needs: ["files"], scope: "files:write" },
  "files.getUploadURLExternal": { needs: ["filename", "length"], scope: "files:write" },
  "reactions.add": { needs: ["channel", "timestamp", "name"], scope: "reactions:write" },
  "reactions.remove": { needs: ["channel", "timestamp", "name"], scope: "reactions:write" },
  "users.info": { needs: ["user"], scope: "users:read" },
}

interface Block {
  type?: string
  text?: { type?: string; text?: string; verbatim?: boolean }
  elements?: { type?: string; action_id?: string; value?: string; text?: { text?: string } }[]
}

/** What is wrong with blocks, as Slack's own limits have it. */
export function faultsOf(blocks: unknown): string[] {
  if (!Array.isArray(blocks)) return ["blocks is no list"]
  if (blocks.length > 50) return ["more than 50 blocks"]
  return (blocks as Block[]).flatMap((block) => {
    switch (block.type) {
      case "section": {
        const text = block.text?.text ?? ""
        return [
          ...(text.length === 0 || text.length > 3_000 ? [`a section of ${text.length} characters`] : []),
          ...(block.text?.verbatim ? [] : ["a section that is not verbatim"]),
          ...(/<!(channel|here|everyone|subteam)/.test(text) ? ["a section that calls everybody"] : []),
        ]
      }
      case "actions":
        return (block.elements ?? []).flatMap((item) => [
          ...(!item.action_id || (item.value ?? "").length > 2_000 ? ["a button without id, or with too much"] : []),
          ...((item.text?.text ?? "").length > 75 ? ["a button with too long a text"] : []),
        ])
      case "context":
        return (block.elements?.length ?? 0) > 10 ? ["more than 10 elements"] : []
      default:
        return [`a block of type ${block.type}`]
    }
  })
}
