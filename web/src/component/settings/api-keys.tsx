import type { Info } from "@remote-swe/core/key/schema"
import { createAsync, useAction } from "@solidjs/router"
import { createSignal, For, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { createKey, listKeys, removeKey } from "../../lib/key.ts"
import { messageOf } from "../../lib/problem.ts"
import { Confirm } from "../confirm.tsx"
import { CopyButton } from "../copy-button.tsx"

const lifetimes = [undefined, 30, 90, 365]

export function ApiKeys() {
  const i18n = useI18n()
  const keys = createAsync(() => listKeys(), { deferStream: true })
  const create = useAction(createKey)
  const remove = useAction(removeKey)
  const [secret, setSecret] = createSignal<string>()
  const [problem, setProblem] = createSignal<string>()
  const [removing, setRemoving] = createSignal<Info>()

  async function submit(form: HTMLFormElement) {
    const data = new FormData(form)
    const days = Number(data.get("days")) || undefined
    setProblem(undefined)
    await create({ name: String(data.get("name")), ...(days && { days }) }).then(
      (made) => {
        setSecret(made.secret)
        form.reset()
      },
      (error: unknown) => setProblem(messageOf(error, i18n)),
    )
  }

  return (
    <section class="section">
      <h2>{i18n.t("settings.keys")}</h2>
      <p class="muted">
        {i18n.t("settings.keys.lead")}{" "}
        <a href="/api/v1/docs" rel="external">
          {i18n.t("settings.docs")}
        </a>
      </p>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault()
          void submit(event.currentTarget)
        }}
      >
        <div class="field">
          <label for="key-name">{i18n.t("settings.keys.name")}</label>
          <input
            id="key-name"
            name="name"
            class="input"
            required
            maxlength={100}
            autocomplete="off"
            placeholder={i18n.t("settings.keys.name.placeholder")}
          />
        </div>
        <div class="field">
          <label for="key-days">{i18n.t("settings.keys.days")}</label>
          <select id="key-days" name="days" class="input">
            <For each={lifetimes}>
              {(days) => (
                <option value={days ?? ""}>
                  {days ? i18n.words.plural("settings.keys.days.count", days) : i18n.t("settings.keys.days.never")}
                </option>
              )}
            </For>
          </select>
        </div>
        <button class="button" data-kind="primary">
          {i18n.t("settings.keys.create")}
        </button>
      </form>
      <Show when={problem()}>
        <p class="problem" role="alert">
          {problem()}
        </p>
      </Show>
      <Show when={secret()}>
        {(secret) => (
          <div class="made" role="status">
            <strong>{i18n.t("settings.keys.created")}</strong>
            <code>{secret()}</code>
            <CopyButton text={secret()} />
          </div>
        )}
      </Show>
      <ul class="lines">
        <For each={keys()} fallback={<li class="muted">{i18n.t("settings.keys.none")}</li>}>
          {(key) => <KeyRow info={key} onRemove={() => setRemoving(key)} />}
        </For>
      </ul>
      <Confirm
        open={removing() !== undefined}
        title={i18n.t("settings.keys.removeTitle")}
        text={i18n.t("settings.keys.removeText", { name: removing()?.name ?? "" })}
        confirm={i18n.t("settings.keys.remove")}
        onClose={() => setRemoving(undefined)}
        onConfirm={() => remove(removing()?.id ?? "")}
      />
    </section>
  )
}

function KeyRow(props: { info: Info; onRemove(): void }) {
  const i18n = useI18n()
  const { name, prefix, time } = props.info
  const ended = () => time.expires !== undefined && i18n.now() > time.expires
  return (
    <li>
      <span class="truncate">
        <strong>{name}</strong> <code class="muted">{prefix}…</code>
      </span>
      <span class="muted">
        <Show when={time.used} fallback={i18n.t("settings.keys.unused")}>
          {(used) => <When label="settings.keys.used" at={used()} />}
        </Show>
      </span>
      <Show when={time.expires}>
        {(expires) => (
          <span class="muted">
            <When label={ended() ? "settings.keys.expired" : "settings.keys.expires"} at={expires()} />
          </span>
        )}
      </Show>
      <button
        type="button"
        class="button"
        data-kind="danger"
        data-size="small"
        aria-label={i18n.t("settings.keys.removeLabel", { name })}
        onClick={() => props.onRemove()}
      >
        {i18n.t("settings.keys.remove")}
      </button>
    </li>
  )
}

function When(props: { label: "settings.keys.used" | "settings.keys.expires" | "settings.keys.expired"; at: number }) {
  const i18n = useI18n()
  return <>{i18n.now() ? i18n.t(props.label, { when: i18n.words.ago(props.at, i18n.now()) }) : "\u00a0"}</>
}
