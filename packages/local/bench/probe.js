// Runs in the page before its own scripts: notes when keys are pressed and when things show.
globalThis.bench = (() => {
  let pressed = 0
  addEventListener("keydown", (event) => event.key === "Enter" && (pressed = performance.now()), true)

  const watch = (look) =>
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true })

  return {
    /** Milliseconds from the last press of Enter until an answer shows `text`. */
    answer: (text) =>
      new Promise((resolve) =>
        watch((_, observer) => {
          const answers = document.querySelectorAll(".answer")
          if (!answers.item(answers.length - 1)?.textContent.includes(text)) return
          observer.disconnect()
          resolve(performance.now() - pressed)
        }),
      ),
    /** When each notice `bench <number>` came into the page, by its number. */
    notices() {
      const times = {}
      watch((records) => {
        const now = performance.timeOrigin + performance.now()
        for (const { addedNodes } of records)
          for (const node of addedNodes)
            for (const [, number] of node.textContent.matchAll(/bench (\d+)/g)) times[number] ??= now
      })
      return times
    },
  }
})()
