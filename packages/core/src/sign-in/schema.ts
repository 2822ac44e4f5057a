import * as v from "valibot"

/** `admin` may do all that `member` may, and manages keys. */
export const Role = v.picklist(["member", "admin"])
export type Role = v.InferOutput<typeof Role>

/** Somebody who signed in, as their issuer describes them. */
export const Person = v.strictObject({
  userID: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  email: v.optional(v.pipe(v.string(), v.maxLength(320))),
  role: Role,
})
export type Person = v.InferOutput<typeof Person>

/** What the issuer gave beside the identity. Never leaves the server. */
export const Tokens = v.strictObject({
  refresh: v.optional(v.string()),
  /** The id token, where signing out at the issuer asks for it. */
  id: v.optional(v.string()),
})
export type Tokens = v.InferOutput<typeof Tokens>

/** What an issuer said just now. */
export const Proof = v.strictObject({
  person: Person,
  tokens: Tokens,
  /** When the id token ends. */
  ends: v.number(),
})
export type Proof = v.InferOutput<typeof Proof>
