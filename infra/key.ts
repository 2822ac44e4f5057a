import { Config } from "./config.ts"

/** A key that no person needs to know, made once. Another `KEY_EPOCH` makes another one. */
export const randomKey = (name: string) =>
  new random.RandomBytes(name, { length: 48, keepers: { epoch: Config.use().keyEpoch } })
