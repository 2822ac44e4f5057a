import { Resource } from "sst"

/** Where people sign in; undefined where nobody has to, because the dashboard is on its owner's loopback. */
export const auth = () => ("Auth" in Resource ? Resource.Auth : undefined)

/** An address of this dashboard, as browsers know it, whatever a request says of itself. */
export const address = (path: string) => new URL(path, Resource.Settings.webURL).href

export const isSecure = () => Resource.Settings.webURL.startsWith("https:")
