/** From pressing Enter until the first words of the answer are in the page. */
import * as Model from "../model.ts"
import { expectAnswer, open } from "../page.ts"
import { report, say, withFolder } from "../part.ts"
import { key, start } from "../system.ts"

const cold = Number(process.env["BENCH_COUNT"] ?? 15)
const warm = 100

await withFolder(async (home) => {
  const model = await Model.start(({ said }) => ({ text: `pong ${/ping (\d+)/.exec(said)?.[1] ?? "?"} ` }))
  const browser = await open()
  if (!browser) {
    say("There is no Chromium here, so nothing was measured. On Debian or Ubuntu: apt-get install chromium")
    model.close()
    return
  }
  const { page } = browser
  const first = await start(home, model.url)
  const colds: number[] = []
  for (let index = 0; index < cold; index++) {
    if (index % 5 === 0) say(`cold: ${index} of ${cold}`)
    await page.goto(`${first.url}/new`, { waitUntil: "networkidle" })
    await page.fill("#task", `ping ${index}`)
    const shown = await expectAnswer(page, `pong ${index} `)
    await page.press("#task", "Control+Enter")
    colds.push(await shown())
    const { items } = await first.client.list({ limit: 1 })
    for await (const event of first.client.stream(items[0]?.id ?? "")) if (event.kind === "left") break
  }
  await page.goto("about:blank")
  await first.stop()

  process.env["BENCH_IDLE_MINUTES"] = "5"
  const second = await start(home, model.url)
  const { id } = await second.client.create({ message: "ping 0" })
  await page.goto(`${second.url}/session/${id}`, { waitUntil: "networkidle" })
  await page.getByText("pong 0").first().waitFor()
  const warms: number[] = []
  for (let index = 1; index <= warm + 5; index++) {
    if (index % 25 === 0) say(`warm: ${index} of ${warm}`)
    await page.fill(".composer textarea", `ping ${index}`)
    const shown = await expectAnswer(page, `pong ${index} `)
    await page.press(".composer textarea", "Enter")
    const took = await shown()
    // The first few warm up the page.
    if (index > 5) warms.push(took)
    await page.waitForFunction("document.querySelector('.composer textarea').value === ''")
    await ended(`${second.url}/api/v1/sessions/${id}`)
  }
  await browser.close()
  await second.stop()
  model.close()
  await report(
    {
      name: "prompt to first words, cold worker",
      unit: "ms",
      samples: colds,
      aim: "≤ 1 s",
      how: `headless Chromium on the same machine: from Ctrl+Enter in the form for a new session until the answer is in the page; a model without latency; no worker alive before, ${cold} times`,
    },
    {
      name: "prompt to first words, warm worker",
      unit: "ms",
      samples: warms,
      aim: "≤ 100 ms",
      how: `the same in an open session whose worker waits: from Enter in the composer until the answer is in the page, ${warm} times after 5 to warm up`,
    },
  )
})
process.exit()

/** The turn is over, so that the next prompt begins one instead of steering this one. */
async function ended(url: string) {
  for (;;) {
    const response = await fetch(url, { headers: { "x-api-key": key } })
    const { status } = (await response.json()) as { status: string }
    if (status === "idle") return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
