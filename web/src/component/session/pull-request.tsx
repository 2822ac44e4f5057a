import type { PullRequest as Info } from "@remote-swe/core/log/schema"
import { Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { repositoryName } from "../../lib/repository.ts"
import { Icon } from "../icon.tsx"
import { Markdown } from "../markdown.tsx"
import { SafeLink } from "../safe-link.tsx"
import { ChangeList } from "./change-list.tsx"

/** The result: what was asked for, ready to be looked at. */
export function PullRequest(props: { request: Info }) {
  const i18n = useI18n()
  return (
    <article class="request-card">
      <p class="label">
        <Icon name="merge" size={15} />
        {i18n.t("pr.title")} {i18n.t("pr.number", { number: props.request.number })}
        <span class="mono truncate">{repositoryName(props.request.repository)}</span>
      </p>
      <h3>{props.request.title}</h3>
      <p class="branches">
        <code class="truncate">{props.request.branch}</code>
        <span aria-hidden="true">→</span>
        <code>{props.request.base}</code>
        <code class="muted">{props.request.commit.slice(0, 8)}</code>
      </p>
      <Show when={props.request.body.trim()}>
        <Markdown text={props.request.body} live={false} />
      </Show>
      <p class="label">{i18n.words.plural("pr.files", props.request.changes.length)}</p>
      <ChangeList changes={props.request.changes} />
      <Show when={props.request.url} fallback={<p class="aside">{i18n.t("pr.record")}</p>}>
        {(url) => (
          <SafeLink href={url()} class="button">
            {i18n.t("pr.open")}
          </SafeLink>
        )}
      </Show>
    </article>
  )
}
