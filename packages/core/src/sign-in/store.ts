import { createHash } from "node:crypto"
import * as v from "valibot"
import { SignInEntity, type SignInItem } from "./entity.ts"
import { type Person, Tokens } from "./schema.ts"
import { open, seal } from "./seal.ts"

/** A sign-in as the table has it: by the hash of its secret, with its tokens sealed. */

export const hashOf = (secret: string) => createHash("sha256").update(secret).digest("hex")

export async function read(hash: string) {
  const found = await SignInEntity.get({ hash }).go({ consistent: true })
  return found.data ?? undefined
}

export async function drop(hash: string) {
  await SignInEntity.delete({ hash }).go()
}

/** Bound to their item, so that they are worth nothing in another one. */
export const sealed = (hash: string, tokens: Tokens) => seal("tokens", hash, JSON.stringify(tokens))

/** Nothing where the key has changed since: the issuer cannot be asked then. */
export function unsealed({ hash, tokens }: SignInItem): Tokens {
  const text = open("tokens", hash, tokens)
  return text === undefined ? {} : v.parse(v.pipe(v.string(), v.parseJson(), Tokens), text)
}

export const person = ({ userID, name, email, role }: SignInItem): Person => ({
  userID,
  name,
  ...(email !== undefined && { email }),
  role,
})
