export type Kind = "input" | "unauthorized" | "forbidden" | "missing" | "conflict" | "large" | "limit"

/** An error whose message may be shown to the person who caused it. Everything else is a bug. */
export class VisibleError extends Error {
  readonly kind: Kind
  readonly code: string

  constructor(kind: Kind, code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
    this.code = code
  }
}
