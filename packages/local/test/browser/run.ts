import { mkdtemp, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { start } from "../system.ts"
import { cases as axe } from "./axe.ts"
import * as Chromium from "./chromium.ts"
import { cases as demo } from "./demo.ts"
import { cases as egress } from "./egress.ts"
import { cases as form } from "./form.ts"
import { type Case, runAll } from "./harness.ts"
import { cases as hostile } from "./hostile.ts"
import { cases as keyboard } from "./keyboard.ts"
import { cases as large } from "./large.ts"
import { cases as live } from "./live.ts"
import { cases as push } from "./push.ts"
import * as Scripted from "./scripted.ts"
import { cases as signIn } from "./sign-in.ts"
import { cases as signInPublic } from "./sign-in-public.ts"
import * as SignIn from "./sign-in-system.ts"
import { cases as signOut } from "./sign-out.ts"
import { cases as trigger } from "./trigger.ts"

/** `npm run test:browser -- <word> …` runs the cases whose names hold one of the words. */
async function main() {
  const program = Chromium.find()
  if (!program) {
    process.stderr.write(`${Chromium.missing}\n`)
    return 1
  }
  const { build }: { build(): void } = await import(String(new URL("../../../../scripts/build.mjs", import.meta.url)))
  build()
  const words = process.argv.slice(2)
  const all: Case[] = [
    ...demo,
    ...live,
    ...large,
    ...hostile,
    ...form,
    ...trigger,
    ...egress,
    ...keyboard,
    ...axe,
    ...push,
    ...signIn,
    ...signInPublic,
    ...signOut,
  ]
  const cases = all.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
  const home = await mkdtemp(path.join(os.tmpdir(), "swe-b-"))
  await Scripted.start(path.join(home, "scripted"))
  await SignIn.start(path.join(home, "sign-in"))
  const played = await start({ home: path.join(home, "demo") })
  const browser = await Chromium.launch(program)
  const failed = await runAll(cases, { browser, demo: played })
  await browser.close()
  await played.end("SIGTERM")
  await SignIn.stop()
  await Scripted.system().stop()
  await rm(home, { recursive: true, force: true, maxRetries: 10 })
  process.stdout.write(`\n${cases.length - failed.length} passed, ${failed.length} failed\n`)
  return failed.length > 0 ? 1 : 0
}

process.exit(await main())
