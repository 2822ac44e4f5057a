import { Show } from "solid-js"
import { field, streamed } from "../../lib/call.ts"
import type { CallPiece } from "../../lib/chat.ts"
import { compare } from "../../lib/compare.ts"
import { Patch } from "../patch.tsx"

/** What a call changes in a file: the patch that the tool made, or else what its input says. */
export function Edit(props: { call: CallPiece }) {
  const path = () => field(props.call.input, "path") ?? streamed(props.call.raw, "path") ?? ""
  const text = () => {
    const patch = field(props.call.result?.view ?? {}, "patch")
    if (patch) return patch
    const { input, raw } = props.call
    const value = (name: string) => field(input, name) ?? streamed(raw, name) ?? ""
    return compare(value("old"), value("new") || value("content"))
  }
  return (
    <Show when={text()}>
      <Patch text={text()} path={path()} />
    </Show>
  )
}
