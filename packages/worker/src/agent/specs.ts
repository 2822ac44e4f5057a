import { toJsonSchema } from "@valibot/to-json-schema"
import type { ToolSpec } from "../model/model.ts"
import type { Tool } from "../tool/tool.ts"

/** Tools as the model is told about them. What JSON Schema cannot say is checked when a call comes in. */
export function specs(tools: readonly Tool.Info[]): ToolSpec[] {
  return tools.map(({ name, description, input }) => {
    const { $schema: _, ...schema } = toJsonSchema(input, { typeMode: "input", errorMode: "ignore" })
    return { name, description, input: schema as Record<string, unknown> }
  })
}
