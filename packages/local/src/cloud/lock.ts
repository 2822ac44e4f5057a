import { Level } from "level"

/**
 * Keeps a folder to one process at a time. The operating system holds the lock that LevelDB takes, so
 * it ends with the process however that ends. Undefined where another process has it.
 */
export async function lock(folder: string) {
  const db = new Level(folder)
  const taken = await db.open().then(
    () => true,
    (error: unknown) => {
      if (isLocked(error)) return false
      throw error
    },
  )
  return taken ? () => db.close() : undefined
}

function isLocked(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ("code" in error && error.code === "LEVEL_LOCKED") || isLocked(error.cause)
}
