/** As much of Anthropic's Messages request as our adapter uses; anything else is reported by the validator. */
export interface Body {
  model: string
  max_tokens: number
  stream: true
  system?: Block[]
  tools?: { name: string; description: string; input_schema: Record<string, unknown>; cache_control?: unknown }[]
  thinking?: { type: string; budget_tokens?: number }
  messages: Message[]
}

export interface Message {
  role: "user" | "assistant"
  content: Block[]
}

export interface Block {
  type: string
  text?: string
  thinking?: string
  signature?: string
  data?: string
  id?: string
  name?: string
  input?: unknown
  tool_use_id?: string
  content?: Block[]
  is_error?: boolean
  source?: { type: string; media_type: string; data: string }
  cache_control?: unknown
}
