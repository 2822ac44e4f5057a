import { call, calls, Script, text, type Answer } from "../../../worker/test/script/index.ts"

/**
 * A scripted model whose answers follow from the conversation alone, so that it doesn't matter which
 * worker asks. A message `[name 3]` is worked on with three groups of calls and then answered.
 */

export type Body = Script.Body

interface Seen {
  /** Names of messages that were not answered, in order. */
  open: { name: string; groups: number }[]
  /** Groups of calls since the newest message. */
  done: number
}

export function read(body: Body): Seen {
  let open: Seen["open"] = []
  let done = 0
  for (const { role, content } of body.messages) {
    const said = content.flatMap((block) => (block.type === "text" ? [block.text ?? ""] : [])).join("\n")
    if (role === "user") {
      const found = [...said.matchAll(/\[(\w+) (\d+)\]/g)].map(([, name = "", count]) => ({
        name,
        groups: Number(count),
      }))
      if (found.length > 0) done = 0
      open.push(...found)
      continue
    }
    const answered = [...said.matchAll(/Answer to (\w+)\./g)].map(([, name]) => name)
    open = open.filter((item) => !answered.includes(item.name))
    if (content.some((block) => block.type === "tool_use")) done++
  }
  return { open, done }
}

export function answer(body: Body): Answer {
  const { open, done } = read(body)
  const last = open.at(-1)
  if (!last) return text("There was nothing to answer.")
  if (done >= last.groups) return text(open.map((item) => `Answer to ${item.name}.`).join("\n"), { chunk: 5 })
  return calls(
    { type: "thinking", thinking: `Group ${done} for ${last.name}`, signature: "c2lnbmF0dXJl" },
    { type: "text", text: `Working on ${last.name}.` },
    ...Array.from({ length: 1 + (done % 3) }, (_, index) =>
      index === 0
        ? call("bash", { command: `echo ${last.name} ${done} >> log.txt; wc -l log.txt` })
        : call("write", { path: `${last.name}/${done}-${index}.txt`, content: `${done}` }),
    ),
  )
}

/** The answer's beginning, after which nothing comes. */
export const hanging = (body: Body): Answer => ({
  ...answer(body),
  chunk: 3,
  unfinished: true,
  ending: { type: "hang" },
})

/** A server that plays `answer`, and tells `onRequest` first which session asks what. */
export function serve(onRequest: (names: string[]) => "answer" | "hang") {
  return Script.start({
    otherwise: (body) =>
      onRequest(read(body).open.map((item) => item.name)) === "hang" ? hanging(body) : answer(body),
  })
}
