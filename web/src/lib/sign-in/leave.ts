import { forget } from "../push.ts"

/** Signs out here and at the issuer. The page's policy would keep a form from going there. */
export async function leave() {
  // Whoever comes next must not be told of this person's sessions.
  await forget()
  const answer = await fetch("/auth/logout", { method: "POST" })
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`)
  const { to }: { to: string } = await answer.json()
  location.assign(to)
}

/** Calls `cb` when the server says that nobody is signed in (any more); answers how to stop that. */
export function watch(cb: () => void) {
  const { fetch } = globalThis
  globalThis.fetch = async (...given) => {
    const answer = await fetch(...given)
    if (answer.status === 401 && new URL(answer.url).pathname === "/_server") cb()
    return answer
  }
  return () => void (globalThis.fetch = fetch)
}
