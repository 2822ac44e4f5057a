import type { Author } from "@remote-swe/core/github/schema"
import type { Sandbox } from "../sandbox/sandbox.ts"
import { Git } from "./git.ts"

/** Makes `author` the one of commits in the repository at `path`, unless it has one of its own. */
export async function sign(sandbox: Sandbox, path: string, author: () => Promise<Author | undefined>) {
  const git = Git.at(sandbox, path)
  if ((await git(["config", "--local", "user.email"], { codes: [1] })).text) return
  const { name, email } = (await author()) ?? {}
  if (!name || !email) return
  await git(["config", "user.name", name])
  await git(["config", "user.email", email])
}
