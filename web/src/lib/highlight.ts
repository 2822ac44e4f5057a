import hljs from "highlight.js/lib/core"
import bash from "highlight.js/lib/languages/bash"
import css from "highlight.js/lib/languages/css"
import diff from "highlight.js/lib/languages/diff"
import go from "highlight.js/lib/languages/go"
import java from "highlight.js/lib/languages/java"
import javascript from "highlight.js/lib/languages/javascript"
import json from "highlight.js/lib/languages/json"
import markdown from "highlight.js/lib/languages/markdown"
import python from "highlight.js/lib/languages/python"
import ruby from "highlight.js/lib/languages/ruby"
import rust from "highlight.js/lib/languages/rust"
import sql from "highlight.js/lib/languages/sql"
import typescript from "highlight.js/lib/languages/typescript"
import xml from "highlight.js/lib/languages/xml"
import yaml from "highlight.js/lib/languages/yaml"
import { nameOf } from "./language.ts"
import { escapeHTML } from "./markdown.ts"
import { sanitize } from "./sanitize.ts"

const languages = {
  ...{ bash, css, diff, go, java, javascript, json, markdown, python, ruby, rust, sql, typescript, xml, yaml },
}
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language)

/** Longer text is shown plain: colouring it would hold up the page. */
const maxLength = 60_000

/** `code` as HTML with coloured words; plain where the language is not known. */
export function highlight(code: string, language: string) {
  const name = nameOf(language)
  if (!hljs.getLanguage(name) || code.length > maxLength) return escapeHTML(code)
  return sanitize(hljs.highlight(code, { language: name, ignoreIllegals: true }).value)
}
