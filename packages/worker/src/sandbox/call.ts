import type { Sandbox } from "./sandbox.ts"

/** The sandbox as one call of the model uses it: what runs in it is known to be that call's. */
export const ofCall = (sandbox: Sandbox, callID: string): Sandbox => ({
  ...sandbox,
  exec: (command, signal) => sandbox.exec({ ...command, callID }, signal),
  start: (command) => sandbox.start({ ...command, callID }),
  run: (program, signal) => sandbox.run({ ...program, callID }, signal),
})
