/** Stands in for the Hono app in the API's own tests: the same requests, over HTTP, to the bundle. */
export const app = {
  request(path: string, init?: RequestInit) {
    const { pathname, search } = new URL(path, "http://api.test")
    return fetch(`${process.env["BUNDLE_URL"]}${pathname}${search}`, init)
  },
}
