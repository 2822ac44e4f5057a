import { createSignal, onCleanup, onMount } from "solid-js"

/** Closer to the end than this counts as at the end. */
const nearPx = 48

/**
 * Keeps a scrolled element at its end while its content grows, as long as the reader is there, and
 * leaves it alone otherwise.
 */
export function createPin() {
  const refs: { scroller?: HTMLElement; content?: HTMLElement } = {}
  const [pinned, setPinned] = createSignal(true)

  const toEnd = () => refs.scroller?.scrollTo({ top: refs.scroller.scrollHeight, behavior: "instant" })

  onMount(() => {
    const { scroller, content } = refs
    if (!scroller || !content) return
    const last = { top: 0, height: 0 }
    const scrolled = () => {
      const { scrollTop: top, scrollHeight: height, clientHeight } = scroller
      const isNear = height - top - clientHeight < nearPx
      // Content that grew or shrank moves things, too: only going up through what is there is a wish.
      const isLeaving = top < last.top - 1 && height >= last.height
      Object.assign(last, { top, height })
      if (isNear) setPinned(true)
      if (isLeaving && !isNear) setPinned(false)
    }
    const grown = new ResizeObserver(() => pinned() && toEnd())
    grown.observe(content)
    grown.observe(scroller)
    scroller.addEventListener("scroll", scrolled, { passive: true })
    toEnd()
    onCleanup(() => {
      grown.disconnect()
      scroller.removeEventListener("scroll", scrolled)
    })
  })

  return {
    pinned,
    scroller: (element: HTMLElement) => (refs.scroller = element),
    content: (element: HTMLElement) => (refs.content = element),
    toEnd() {
      setPinned(true)
      toEnd()
    },
    /** Runs `change`, which adds something above, and keeps what the reader looks at where it is. */
    async hold(change: () => Promise<void>) {
      const anchor = firstVisible(refs.scroller)
      const before = anchor?.getBoundingClientRect().top ?? 0
      await change()
      const moved = (anchor?.getBoundingClientRect().top ?? 0) - before
      if (anchor?.isConnected && moved) refs.scroller?.scrollBy({ top: moved, behavior: "instant" })
    },
  }
}

function firstVisible(scroller?: HTMLElement) {
  if (!scroller) return
  const { left, top, width, height } = scroller.getBoundingClientRect()
  const rows = [8, 40, height / 2].map((y) => document.elementFromPoint(left + width / 2, top + y)?.closest("li"))
  return rows.find((row) => row !== null && row !== undefined)
}
