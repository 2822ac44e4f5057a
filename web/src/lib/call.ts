import { TodoItem } from "@remote-swe/core/log/schema"
import * as v from "valibot"
import type { IconName } from "../component/icon.tsx"
import type { CallPiece } from "./chat.ts"

/** How a call is shown. A tool that nobody described is shown with its input and output as they are. */
export interface Description {
  icon: IconName
  /** What it is about, in one line. */
  subject: string
  view: "console" | "edit" | "todo" | "text" | "generic"
  /** Open without being asked. */
  open: boolean
}

interface Tool {
  icon: IconName
  subject: readonly string[]
  view: Description["view"]
  open?: boolean
}

const tools: Record<string, Tool> = {
  bash: { icon: "terminal", subject: ["command", "script"], view: "console", open: true },
  read: { icon: "eye", subject: ["path"], view: "text" },
  write: { icon: "pencil", subject: ["path"], view: "edit", open: true },
  edit: { icon: "pencil", subject: ["path"], view: "edit", open: true },
  grep: { icon: "search", subject: ["pattern"], view: "text" },
  glob: { icon: "search", subject: ["pattern"], view: "text" },
  todo: { icon: "list", subject: [], view: "todo" },
  title: { icon: "pencil", subject: ["title"], view: "text" },
  message_user: { icon: "send", subject: ["text", "message"], view: "text" },
  clone_repository: { icon: "fork", subject: ["repository", "source", "url"], view: "text" },
  pull_request: { icon: "merge", subject: ["title"], view: "text" },
}

export function describe(call: CallPiece): Description {
  const tool = Object.hasOwn(tools, call.name) ? tools[call.name] : undefined
  if (!tool) return { icon: "wrench", subject: firstLine(call), view: "generic", open: false }
  const { icon, view, open = false } = tool
  if (view === "todo") return { icon, view, open, subject: todoOf(call.input).find(isActive)?.text ?? "" }
  const subject = tool.subject.map((name) => field(call.input, name) ?? streamed(call.raw, name)).find(Boolean) ?? ""
  return { icon, view, open, subject: subject.trim().split("\n", 1)[0] ?? "" }
}

const Plan = v.object({ items: v.array(TodoItem) })

/** The items of a plan; none while they are still being streamed. */
export function todoOf(input: Record<string, unknown>) {
  const parsed = v.safeParse(Plan, input)
  return parsed.success ? parsed.output.items : []
}

const isActive = (item: TodoItem) => item.status === "active"

/** A text of an input or of a result's view. */
export function field(from: Record<string, unknown>, name: string) {
  const value = from[name]
  return typeof value === "string" && value !== "" ? value : undefined
}

/** The start of a text inside JSON that is still being streamed. */
export function streamed(raw: string, name: string) {
  const match = raw.match(new RegExp(`"${name}"\\s*:\\s*"((?:[^"\\\\]|\\\\.)*)`))
  if (!match?.[1]) return
  return match[1].replace(/\\(["\\/nt])/g, (_, sign: string) => ({ n: "\n", t: "\t" })[sign] ?? sign)
}

function firstLine(call: CallPiece) {
  const value = Object.values(call.input).find((item) => typeof item === "string" && item !== "")
  return typeof value === "string" ? (value.split("\n", 1)[0] ?? "") : ""
}
