import * as v from "valibot"
import type { Tool } from "../../src/tool/tool.ts"
import { never, type World } from "../sandbox/world.ts"

type Session = Pick<World, "context" | "drafts">

/** Calls a tool as the agent does: its input is validated first. */
export async function call<Schema extends v.GenericSchema>(
  session: Session,
  tool: Tool.Info<Schema>,
  input: v.InferInput<Schema>,
  signal: AbortSignal = never,
): Promise<Tool.Output> {
  const output = await tool.execute(v.parse(tool.input, input), session.context(signal))
  if (typeof output === "string") return { content: [{ type: "text", text: output }] }
  session.drafts.push(...(output.events ?? []))
  return output
}

export async function text<Schema extends v.GenericSchema>(
  session: Session,
  tool: Tool.Info<Schema>,
  input: v.InferInput<Schema>,
) {
  const { content } = await call(session, tool, input)
  return content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("\n")
}
