import type { Artifact } from "@remote-swe/core/log/schema"
import { Match, Switch } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { FileChip } from "../file-chip.tsx"
import { SafeLink } from "../safe-link.tsx"
import { PullRequest } from "./pull-request.tsx"

export function ArtifactView(props: { artifact: Artifact }) {
  const i18n = useI18n()
  const narrow = <Type extends Artifact["type"]>(type: Type) =>
    props.artifact.type === type ? (props.artifact as Extract<Artifact, { type: Type }>) : undefined
  return (
    <Switch>
      <Match when={narrow("pull_request")}>{(request) => <PullRequest request={request()} />}</Match>
      <Match when={narrow("file")}>
        {(artifact) => (
          <div class="given">
            <p class="label">{artifact().text ?? i18n.t("artifact.file")}</p>
            <ul class="chips">
              <FileChip file={artifact().file} />
            </ul>
          </div>
        )}
      </Match>
      <Match when={narrow("preview")}>
        {(preview) => (
          <p class="line">
            {i18n.t("artifact.preview")}: <SafeLink href={preview().url}>{preview().title}</SafeLink>
          </p>
        )}
      </Match>
      <Match when={narrow("branch")}>
        {(branch) => <p class="line">{i18n.t("artifact.branch", { branch: branch().branch })}</p>}
      </Match>
      <Match when={narrow("commit")}>
        {(artifact) => (
          <p class="line">
            {i18n.t("artifact.commit", { commit: artifact().commit.slice(0, 8), branch: artifact().branch })}
          </p>
        )}
      </Match>
    </Switch>
  )
}
