// The dashboard's service worker: shows what push services bring, and opens the session that it is about.

/** Takes over from an older version at once: it keeps nothing. */
self.addEventListener("install", () => self.skipWaiting())
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()))

self.addEventListener("push", (event) => {
  const news = event.data?.json()
  if (news) event.waitUntil(show(news))
})

self.addEventListener("notificationclick", (event) => {
  event.notification.close()
  event.waitUntil(open(event.notification.data.path))
})

const pages = () => self.clients.matchAll({ type: "window", includeUncontrolled: true })
const isAt = (client, path) => new URL(client.url).pathname === path

/** What is newer of the same session takes the place of what is shown; who is looking at it needs no telling. */
async function show({ title, body, path, tag }) {
  const open = await pages()
  if (open.some((client) => client.visibilityState === "visible" && isAt(client, path))) return
  await self.registration.showNotification(title, { body, tag, icon: "/icon.svg", data: { path } })
}

/** Goes to a page that shows the session, else opens one. Never to another site, whatever the message says. */
async function open(path) {
  const { href, origin } = new URL(path, self.location.origin)
  if (origin !== self.location.origin) return
  const found = (await pages()).find((client) => isAt(client, path))
  if (found) await found.focus()
  else await self.clients.openWindow(href)
}
