import type { Boot } from "./schema.ts"

/** Where machines come from: EC2 in the cloud, child processes on a laptop. */
export interface Provider {
  /**
   * Asks for a machine. Idempotent by session and generation; resolves before the worker has booted, with what
   * was started, where the machine can prove what it is: then it needs no token.
   */
  start(request: Start): Promise<Started | void>
  describe(claim: Claim): Promise<Instance>
  /** Has one that is asleep go on. Only where machines sleep. */
  wake?(claim: Claim): Promise<void>
  /**
   * Ends it, saving what can be saved; harmless when there is none, or when it is ending already. Who knows
   * which machine it is spares the search.
   */
  terminate(machine: Machine & { instanceID?: string | undefined }): Promise<void>
  /** All that exist and have not ended. */
  list(): Promise<Listed[]>
  /** Looks after whatever else there is, once in each sweep. `isActive`: whether a generation has not ended. */
  tend?(isActive: (machine: Machine) => Promise<boolean>, now: number): Promise<void>
}

export interface Machine {
  sessionID: string
  generation: number
}

export interface Listed extends Machine {
  /** As `describe` answers, where the list says as much: whoever looks at all need not ask for each. */
  instance?: Instance
}

export interface Start extends Claim {
  /** The one secret that the worker gets, unless its machine can prove what it is and is given another for that. */
  token: string
}

export interface Claim extends Machine {
  /** When the generation was claimed. */
  since: number
}

export interface Started {
  /** By which the machine can prove what it is. */
  instanceID: string
  boot: Boot
}

/**
 * What the provider knows. `absent`: nothing yet, or no more, since descriptions lag behind.
 * `ended` is certain; `host` says that it was not the worker's doing.
 */
export type Instance =
  | { type: "absent" }
  /** The rest is as `start` answers it. */
  | ({ type: "alive" } & Partial<Started>)
  /** Taken for this generation while it was stopped, and not yet told to go on. */
  | ({ type: "asleep" } & Started)
  | { type: "ended"; reason: "exited" | "host" }
