import { limits, type Ref } from "@remote-swe/core/file/schema"
import { createSignal } from "solid-js"
import { createStore, produce } from "solid-js/store"
import { useI18n } from "../context/i18n.tsx"
import { upload } from "./file.ts"
import { messageOf } from "./problem.ts"

export interface Attachment {
  key: number
  name: string
  size: number
  file?: Ref
}

/** Files on their way to a message: chosen, pasted or dropped. */
export function createAttachments() {
  const i18n = useI18n()
  const [items, setItems] = createStore<Attachment[]>([])
  const [problem, setProblem] = createSignal<string>()
  const [over, setOver] = createSignal(false)
  const keys = { last: 0 }

  const remove = (key: number) => setItems((items) => items.filter((item) => item.key !== key))

  function add(files: Iterable<File>) {
    setProblem(undefined)
    for (const file of files) {
      if (items.length >= limits.perMessage) return setProblem(i18n.t("file.tooMany", { limit: limits.perMessage }))
      if (file.size > limits.bytes)
        setProblem(i18n.t("file.tooLarge", { name: file.name, limit: i18n.words.bytes(limits.bytes) }))
      if (file.size > 0 && file.size <= limits.bytes) void put(file)
    }
  }

  async function put(file: File) {
    const key = ++keys.last
    setItems(produce((items) => items.push({ key, name: file.name, size: file.size })))
    await upload(file).then(
      (ref) => setItems((item) => item.key === key, "file", ref),
      (error: unknown) => {
        remove(key)
        setProblem(i18n.t("file.failed", { name: file.name, reason: messageOf(error, i18n) }))
      },
    )
  }

  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    add(event.dataTransfer?.files ?? [])
  }

  return {
    items,
    problem,
    over,
    add,
    remove,
    clear: () => setItems([]),
    pending: () => items.some((item) => !item.file),
    done: () => items.flatMap((item) => (item.file ? [{ ...item.file }] : [])),
    paste(event: ClipboardEvent) {
      const files = event.clipboardData?.files
      if (!files?.length) return
      event.preventDefault()
      add(files)
    },
    /** For the element onto which files may be dropped. */
    target: {
      onDrop: drop,
      onDragOver(event: DragEvent) {
        event.preventDefault()
        setOver(true)
      },
      onDragLeave: () => setOver(false),
    },
  }
}

export type Attachments = ReturnType<typeof createAttachments>
