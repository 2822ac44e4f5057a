import { Download, Upload } from "../file/schema.ts"
import { ApiError, pause, read, send, type Target } from "./http.ts"
import { decide } from "./retry.ts"

/** Files go past the API, to and from the bucket, by addresses that the API gives. */

export interface Content {
  name: string
  type: string
  bytes: Uint8Array
}

/** Uploads to an address from `POST path`. */
export async function upload(target: Target, path: string, { name, type, bytes }: Content) {
  const response = await send(target, {
    method: "POST",
    path,
    body: { name, type, size: bytes.byteLength },
    headers: { "idempotency-key": crypto.randomUUID() },
  })
  const { file, upload } = await read(response, Upload)
  await move(target, upload.url, { method: "PUT", headers: upload.headers, body: Uint8Array.from(bytes) })
  return file
}

/** Reads from an address from `GET path`. */
export async function download(target: Target, path: string) {
  const { url } = await read(await send(target, { method: "GET", path }), Download)
  const response = await move(target, url, { method: "GET" })
  return new Uint8Array(await response.arrayBuffer())
}

/** Without our secret: the address is its own. */
async function move({ policy, fetch: ask = fetch }: Target, url: string, init: RequestInit) {
  for (let attempt = 1; ; attempt++) {
    const response = await ask(url, init).catch(() => undefined)
    if (response?.ok) return response
    const outcome = response
      ? ({ type: "answer", status: response.status } as const)
      : ({ type: "unreachable" } as const)
    const next = decide(outcome, attempt, policy, Math.random())
    if (next.type === "give-up")
      throw new ApiError(response?.status, "file.transfer", `The file store answered ${response?.status ?? "nothing"}`)
    await pause(next.afterMs)
  }
}
