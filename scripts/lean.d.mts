import type { Plugin } from "vite"

export const lean: Pick<Plugin, "name" | "resolveId" | "load">
export const versionOnly: Pick<Plugin, "name" | "transform">
