declare module "dynalite" {
  import type { Server } from "node:http"
  interface Options {
    path?: string
    createTableMs?: number
    deleteTableMs?: number
    updateTableMs?: number
  }
  export default function dynalite(options?: Options): Server
}

declare module "dynalite/db/index.js" {
  type Item = Record<string, unknown>
  interface Table {
    TableName: string
    GlobalSecondaryIndexes?: unknown[]
  }
  interface Action {
    index: string
    key: string
    item: Item
  }
  const db: {
    getIndexActions(
      indexes: readonly unknown[],
      before: Item | undefined,
      after: Item,
      table: Table,
    ): { puts: Action[] }
  }
  export default db
}

declare module "s3rver" {
  import type { IncomingMessage, ServerResponse } from "node:http"
  import type FilesystemStore from "s3rver/lib/stores/filesystem.js"
  interface Options {
    address?: string
    port?: number
    directory: string
    silent?: boolean
    vhostBuckets?: boolean
    configureBuckets?: { name: string; configs?: string[] }[]
  }
  export default class S3rver {
    constructor(options: Options)
    store: FilesystemStore
    context: { store: FilesystemStore }
    configureBuckets(): Promise<unknown>
    run(): Promise<{ address: string; port: number }>
    close(): Promise<void>
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    on(event: "error", listener: (error: Error) => void): void
  }
}

declare module "s3rver/lib/stores/filesystem.js" {
  import type { Readable } from "node:stream"
  export interface StoredObject {
    bucket: string
    key: string
    content: Buffer | Readable
    metadata: Record<string, string>
  }
  export default class FilesystemStore {
    constructor(directory: string)
    getResourcePath(bucket: string, key: string, resource: string): string
    putObject(object: StoredObject): Promise<{ size: number; md5: string }>
    deleteObject(bucket: string, key: string): Promise<void>
    putMetadata(bucket: string, key: string, metadata: Record<string, string>, md5?: string): Promise<void>
  }
}
