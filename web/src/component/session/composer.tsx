import type { Delivery } from "@remote-swe/core/log/schema"
import { useAction } from "@solidjs/router"
import { createSignal, For, Show } from "solid-js"
import { useI18n } from "../../context/i18n.tsx"
import { useSession } from "../../context/session.tsx"
import { useShortcuts } from "../../context/shortcut.tsx"
import { createAttachments } from "../../lib/attachment.ts"
import { eventID } from "../../lib/id.ts"
import { messageOf } from "../../lib/problem.ts"
import { sendMessage } from "../../lib/session.ts"
import { AttachButton, Attachments } from "../attachments.tsx"
import { Icon } from "../icon.tsx"

const deliveries = ["steer", "queue"] as const

/** Says what comes next. While the agent works, Enter steers and Ctrl+Enter queues. */
export function Composer() {
  const i18n = useI18n()
  const { state, reached } = useSession()
  const send = useAction(sendMessage)
  const files = createAttachments()
  const refs: { text?: HTMLTextAreaElement } = {}
  const [text, setText] = createSignal("")
  const [delivery, setDelivery] = createSignal<Delivery>("steer")
  const [problem, setProblem] = createSignal<string>()
  const [pending, setPending] = createSignal(false)
  const isBusy = () => state.info.turnID !== undefined
  const isReady = () => text().trim() !== "" && !pending() && !files.pending()
  useShortcuts().on("composer", () => refs.text?.focus())

  // The same id for the same text: pressing again after a lost answer sends no second message.
  const draft = { text: "", id: "" }
  async function submit(how: Delivery) {
    if (!isReady()) return
    const message = text()
    if (draft.text !== message) Object.assign(draft, { text: message, id: eventID() })
    setPending(true)
    setProblem(undefined)
    await send({ sessionID: state.info.id, messageID: draft.id, message, files: files.done(), delivery: how })
      .then(({ seq }) => {
        reached(seq)
        draft.text = ""
        setText("")
        files.clear()
        fit()
      })
      .catch((error: unknown) => setProblem(`${messageOf(error, i18n)} ${i18n.t("composer.unsent")}`))
      .finally(() => setPending(false))
  }

  function press(event: KeyboardEvent) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
    event.preventDefault()
    void submit(event.ctrlKey || event.metaKey ? "queue" : isBusy() ? delivery() : "steer")
  }

  /** As high as its text, within the limits of the style sheet. */
  function fit() {
    const element = refs.text
    if (!element) return
    element.style.height = "auto"
    element.style.height = `${element.scrollHeight + 2}px`
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        void submit(isBusy() ? delivery() : "steer")
      }}
      {...files.target}
    >
      <Show when={problem() ?? files.problem()}>
        {(text) => (
          <p class="problem" role="alert">
            {text()}
          </p>
        )}
      </Show>
      <Attachments files={files} />
      <textarea
        ref={(element) => (refs.text = element)}
        rows={1}
        value={text()}
        aria-label={i18n.t("composer.label")}
        placeholder={i18n.t(isBusy() ? "composer.placeholder.working" : "composer.placeholder")}
        onInput={(event) => {
          setText(event.currentTarget.value)
          fit()
        }}
        onKeyDown={press}
        onPaste={files.paste}
      />
      <div class="tools">
        <AttachButton files={files} />
        <div class="choice" role="group" aria-label={i18n.t("composer.delivery")} hidden={!isBusy()}>
          <For each={deliveries}>
            {(item) => (
              <button
                type="button"
                aria-pressed={delivery() === item}
                title={i18n.t(`composer.${item}.hint`)}
                onClick={() => setDelivery(item)}
              >
                {i18n.t(`composer.${item}`)}
              </button>
            )}
          </For>
        </div>
        <button
          class="button send"
          data-kind="primary"
          data-size="icon"
          disabled={!isReady()}
          aria-label={i18n.t("composer.send")}
        >
          <Icon name={isBusy() && delivery() === "queue" ? "clock" : "send"} />
        </button>
      </div>
    </form>
  )
}
