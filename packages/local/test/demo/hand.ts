import { execFile } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import Anthropic from "@anthropic-ai/sdk"
import { prepare } from "../../src/demo/index.ts"

/** What a worker is to the demo model, in its simplest form: real git, real commands, the real SDK. */

const execute = promisify(execFile)
const names = ["title", "todo", "bash", "grep", "read", "edit", "write", "pull_request"]
export const tools = names.map((name): Anthropic.Tool => ({ name, input_schema: { type: "object" } }))

export type Given = { text: string; error?: boolean }
type Input = Record<string, string>
/** Takes a call's result away and puts another in its place. */
export type Meddle = (call: Anthropic.ToolUseBlock, given: Given) => Given

/** A clone of the sample in a folder of its own. */
export async function workplace() {
  const home = await mkdtemp(path.join(tmpdir(), "demo-"))
  const task = await prepare(home)
  const root = path.join(home, "work")
  const clone = path.join(root, "lapse")
  const git = async (...args: string[]) => (await execute("git", ["-C", clone, ...args])).stdout.trim()
  await execute("git", ["clone", "--quiet", task.repository, clone])
  await git("config", "user.name", "Test")
  await git("config", "user.email", "test@example.com")
  return { home, task, root, clone, git, remove: () => rm(home, { recursive: true }) }
}

export type Workplace = Awaited<ReturnType<typeof workplace>>

export function client(url: string, apiKey = "none") {
  return new Anthropic({ apiKey, authToken: null, baseURL: url, maxRetries: 0 })
}

export const asked = (text: string): Anthropic.MessageParam => ({ role: "user", content: text })

/** Streams one answer. */
export function answer(url: string, messages: Anthropic.MessageParam[]) {
  return client(url)
    .messages.stream({
      model: "demo",
      max_tokens: 8_000,
      thinking: { type: "enabled", budget_tokens: 2_000 },
      tools,
      messages,
    })
    .finalMessage()
}

/** Does what the model asks for until it asks for nothing more; answers the conversation. */
export async function play(url: string, place: Workplace, messages: Anthropic.MessageParam[], meddle?: Meddle) {
  const conversation = [...messages]
  for (;;) {
    const reply = await answer(url, conversation)
    conversation.push({ role: "assistant", content: reply.content })
    const calls = reply.content.filter((block) => block.type === "tool_use")
    if (calls.length === 0) return conversation
    const results: Anthropic.ToolResultBlockParam[] = []
    for (const call of calls) {
      const given = await run(place, call.name, call.input as Input)
      const { text, error = false } = meddle?.(call, given) ?? given
      results.push({ type: "tool_result", tool_use_id: call.id, content: text, is_error: error })
    }
    conversation.push({ role: "user", content: results })
  }
}

async function run({ root, git }: Workplace, name: string, input: Input): Promise<Given> {
  const file = path.join(root, input["path"] ?? "")
  switch (name) {
    case "bash":
      return command("bash", ["-c", input["command"] ?? ""], root)
    case "grep":
      return command("grep", ["-rnE", input["pattern"] ?? "", file], root)
    case "read":
      return { text: await readFile(file, "utf8") }
    case "write":
      await writeFile(file, input["content"] ?? "")
      return { text: "Written" }
    case "edit": {
      const parts = (await readFile(file, "utf8")).split(input["old"] ?? "")
      if (parts.length !== 2) return { text: "The old text is not there, or not once", error: true }
      await writeFile(file, parts.join(input["new"]))
      return { text: "Edited" }
    }
    case "pull_request":
      await git("push", "--quiet", "origin", "HEAD:refs/heads/demo")
      return { text: "Pull request 1: lapse#1" }
    default:
      return { text: "ok" }
  }
}

function command(file: string, args: string[], cwd: string) {
  return new Promise<Given>((resolve) =>
    execFile(file, args, { cwd }, (error, stdout, stderr) =>
      resolve({ text: `${stdout}${stderr}${error ? `\nexit code ${error.code}` : ""}`, error: Boolean(error) }),
    ),
  )
}
