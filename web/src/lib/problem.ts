import type { Translator } from "../i18n/index.ts"

/** The code that a server function gave its failure, if it was one. */
export function codeOf(error: unknown) {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined
}

/** What to tell a person about `error`. */
export function messageOf(error: unknown, { t }: Pick<Translator, "t">) {
  if (codeOf(error) === "internal") return t("error.internal")
  if (codeOf(error) === "actor.unknown") return t("signIn.ended")
  if (codeOf(error) && error instanceof Error) return error.message
  return error instanceof TypeError ? t("error.network") : t("error.internal")
}
