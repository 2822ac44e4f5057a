import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { variable } from "./host/process.ts"
import type { Settings } from "./protocol.ts"

/** What commands inherit. Nothing else of the worker's environment reaches them. */
const inherited = [
  "PATH",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "JAVA_HOME",
  "GOROOT",
  "NVM_DIR",
  "VOLTA_HOME",
  "RBENV_ROOT",
  "ASDF_DIR",
  "ASDF_DATA_DIR",
  "SDKMAN_DIR",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
]

/** Addresses: inherited unless a user name or password stands in them. */
const addresses = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]

/** Tool chains that look below the home folder by default, where commands have another one. */
const chains = { RUSTUP_HOME: ".rustup", PYENV_ROOT: ".pyenv" }

/** For a machine: no colours, pagers, editors or questions. */
const quiet = {
  TERM: "dumb",
  NO_COLOR: "1",
  CI: "1",
  DEBIAN_FRONTEND: "noninteractive",
  PAGER: "cat",
  EDITOR: "true",
  GIT_PAGER: "cat",
  GIT_EDITOR: "true",
  GIT_TERMINAL_PROMPT: "0",
  GIT_MERGE_AUTOEDIT: "no",
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
  npm_config_update_notifier: "false",
  npm_config_fund: "false",
}

export function environment(settings: Settings, from: NodeJS.ProcessEnv): Record<string, string> {
  const pick = (names: readonly string[]) =>
    Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])))
  const owner = homedir()
  const direct = [from.NO_PROXY ?? from.no_proxy, "localhost,127.0.0.1,::1"].filter(Boolean).join(",")
  const found = Object.entries(chains).map(([name, folder]) => [name, from[name] ?? join(owner, folder)] as const)
  return {
    LANG: "C.UTF-8",
    ...pick(inherited),
    ...Object.fromEntries(Object.entries(pick(addresses)).filter(([, value]) => !value.includes("@"))),
    ...Object.fromEntries(found.filter(([, path]) => existsSync(path))),
    ...quiet,
    NO_PROXY: direct,
    no_proxy: direct,
    HOME: settings.home,
    TMPDIR: settings.tmp,
    SHELL: settings.shell,
    NODE_USE_ENV_PROXY: "1",
    [variable.sandbox]: settings.mark.name,
  }
}
