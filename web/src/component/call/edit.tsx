import { Show } from "solid-js"
import { field, streamed } from "../../lib/call.ts"
import type { CallPiece } from "../../lib/chat.ts"
import { compare } from "../../lib/compare.ts"
import { within } from "../../lib/patch.ts"
import { Patch } from "../patch.tsx"

/**
 * What a call changes in a file: what its input says while it is written, and then the patch that the tool
 * made, around the same lines, so that nothing jumps when it comes.
 */
export function Edit(props: { call: CallPiece }) {
  const path = () => field(props.call.input, "path") ?? streamed(props.call.raw, "path") ?? ""
  const text = () => {
    const patch = field(props.call.result?.view ?? {}, "patch")
    const { input, raw } = props.call
    const value = (name: string) => field(input, name) ?? streamed(raw, name) ?? ""
    const said = compare(value("old"), value("new") || value("content"))
    if (!patch) return said
    return value("old") ? within(patch, said) : patch
  }
  return (
    <Show when={text()}>
      <Patch text={text()} path={path()} />
    </Show>
  )
}
