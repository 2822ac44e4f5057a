export * as Client from "./index.ts"

/** The typed client of our own API, for worker, command line and action. Needs nothing but `fetch`. */
export { ApiError } from "./http.ts"
export { create, type Rest } from "./rest.ts"
export { token, worker, type Worker } from "./worker.ts"
