import type { Change } from "@remote-swe/core/log/schema"
import type { Diff } from "@remote-swe/core/protocol/schema"
import { createEffect, createMemo, createSignal, For, on, Show, untrack } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { useSession } from "../../context/session.tsx"
import { sessionDiff } from "../../lib/diff.ts"
import { split } from "../../lib/patch.ts"
import { messageOf } from "../../lib/problem.ts"
import { Patch } from "../patch.tsx"

/** Files whose changes are shown without being asked for. */
const openFiles = 3
const openLines = 200

/** All that the session changed so far, read again whenever the worker says that it changed. */
export function Changes() {
  const i18n = useI18n()
  const { state, diffs } = useSession()
  const [diff, setDiff] = createSignal<Diff>()
  const [problem, setProblem] = createSignal<string>()

  const read = () =>
    sessionDiff(state.info.id).then(
      (next) => {
        setDiff(next)
        setProblem(undefined)
      },
      (error: unknown) => setProblem(messageOf(error, i18n)),
    )
  createEffect(on([diffs, () => state.info.turnID], () => void read()))

  const repositories = () => diff()?.repositories.filter((item) => item.changes.length > 0) ?? []
  return (
    <div class="diff">
      <Show when={problem()}>
        <p class="problem" role="alert">
          {i18n.t("diff.failed")} {problem()}{" "}
          <button type="button" class="link" onClick={() => void read()}>
            {i18n.t("diff.retry")}
          </button>
        </p>
      </Show>
      <Show when={diff() && repositories().length === 0}>
        <p class="muted none">{i18n.t("diff.none")}</p>
      </Show>
      <For each={repositories()}>{(repository) => <Repository repository={repository} />}</For>
    </div>
  )
}

function Repository(props: { repository: Diff["repositories"][number] }) {
  const i18n = useI18n()
  const patches = createMemo(() => new Map(split(props.repository.patch).map((file) => [file.path, file.text])))
  return (
    <section>
      <h2>
        {props.repository.name}{" "}
        <span class="mono muted">
          {i18n.t("diff.against", { branch: props.repository.branch, base: props.repository.base })}
        </span>
      </h2>
      <For each={props.repository.changes}>
        {(change, index) => (
          <File
            change={change}
            text={patches().get(change.path)}
            open={index() < openFiles && change.additions + change.deletions <= openLines}
          />
        )}
      </For>
      <Show when={props.repository.truncated}>
        <p class="aside">{i18n.t("diff.truncated")}</p>
      </Show>
    </section>
  )
}

/** Its lines are made when it is first opened. */
function File(props: { change: Change; text: string | undefined; open: boolean }) {
  const i18n = useI18n()
  const [open, setOpen] = createSignal(untrack(() => props.open))
  const { additions, deletions } = props.change
  return (
    <details class="file" open={open()} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span class="mono truncate">{props.change.path}</span>
        <span class="count" aria-label={i18n.t("diff.lines", { additions, deletions })}>
          <span class="plus">+{additions}</span> <span class="minus">−{deletions}</span>
        </span>
      </summary>
      <Show when={open()}>
        <Patch text={props.text ?? ""} path={props.change.path} />
      </Show>
    </details>
  )
}
