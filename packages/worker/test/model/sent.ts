import type { History } from "@remote-swe/core/log/history"
import { input } from "../../src/model/bedrock/wire.ts"
import type { Files } from "../../src/model/conversation.ts"
import type { Request } from "../../src/model/model.ts"
import { body } from "../../src/model/wire.ts"
import { type Converse, faultsOf, toBody } from "../script/converse.ts"
import { validate } from "../script/validate.ts"
import type { Body } from "../script/wire.ts"
import { model, type Provider } from "../util.ts"

export const files: Files = { load: async () => undefined, path: ({ name }) => name }
export const hello: History.Message = { role: "user", content: [{ type: "text", text: "Hello" }] }

export const request = (more: Partial<Request> = {}): Request => ({
  model,
  system: "Be a test.",
  messages: [hello],
  tools: [{ name: "echo", description: "Says it again.", input: { type: "object", properties: {} } }],
  reasoning: 0,
  ...more,
})

/** A request as it goes over the wire, and in Anthropic's form; `faults`: why it would be refused. */
export async function sent(provider: Provider, request: Request, given: Files = files) {
  if (provider === "anthropic") {
    const sent = plain(await body(request, given)) as Body
    return { body: sent, text: JSON.stringify(sent), faults: validate(sent) }
  }
  const { modelId = "", ...rest } = await input(request, given)
  const converse = plain(rest) as Converse
  return { body: toBody(converse, modelId), text: JSON.stringify(converse), faults: faultsOf(converse, modelId) }
}

/** As JSON has it: bytes in base64. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64")
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== "object" || value === null) return value
  const given = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(given.map(([key, item]) => [key, plain(item)]))
}
