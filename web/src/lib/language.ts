const byExtension: Record<string, string> = {
  ...{ js: "javascript", mjs: "javascript", cjs: "javascript", jsx: "javascript", ts: "typescript", mts: "typescript" },
  ...{ tsx: "typescript", py: "python", sh: "bash", zsh: "bash", yml: "yaml", html: "xml", svg: "xml", rb: "ruby" },
  ...{ rs: "rust", md: "markdown", patch: "diff", kt: "java", scss: "css", jsonc: "json", toml: "yaml" },
}

/** A language as the highlighter calls it. */
export const nameOf = (language: string) => byExtension[language.toLowerCase()] ?? language.toLowerCase()

export const languageOf = (path: string) => nameOf(path.slice(path.lastIndexOf(".") + 1))
