/** The short name of a repository: `owner/name`, or the last part of a path or URL. */
export function repositoryName(source: string) {
  const parts = source
    .replace(/\/+$/, "")
    .replace(/\.git$/, "")
    .split(/[/:]/)
    .filter(Boolean)
  return parts.slice(source.startsWith("/") || source.startsWith("file:") ? -1 : -2).join("/")
}
