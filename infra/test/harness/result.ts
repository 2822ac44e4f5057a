/** What an evaluation of the program leaves behind. */
export interface Result {
  protect: boolean
  removal: string
  resources: Resource[]
  /** By the name of the resource. */
  links: Record<string, Record<string, unknown>>
  functions: Built[]
  errors: string[]
}

export interface Resource {
  urn: string
  type: string
  name: string
  parent?: string
  inputs: Inputs
  /** What a component said of itself at its end. */
  outputs?: Inputs
  protect: boolean
  retainOnDelete: boolean
  /** What is made before it, and removed after it. */
  dependencies: string[]
}

export type Inputs = Record<string, unknown>

/** A function's bundle. */
export interface Built {
  id: string
  handler: string
  folder: string
  /** Names of what it is linked to. */
  links: string[]
}

/** What the child is asked, by an environment variable. */
export interface Question {
  root: string
  /** Where SST writes archives and the program's relative paths begin. */
  work: string
  stage: string
  dev: boolean
  region: string
  bundles: Bundles
  answer: string
}

export interface Bundles {
  app: string
  run: string
}
