/**
 * What a machine is told as it starts. Whoever may describe the machine can read it, and every process of ours
 * on it: there is nothing secret in it but addresses of programs, which are none, and those run out.
 */
export interface Given {
  /** What the machine's own programs read (`worker-ami/lib/boot.sh`), name by name. */
  settings: Record<string, string>
  /** What makes a Debian into a worker's machine: an archive of `worker-ami`. */
  recipe: { url: string; sha256: string }
}

/** EC2 takes no more bytes. */
export const most = 16_384

/** A script that does nothing on an image that has all. A machine that cannot start a worker ends itself. */
export function userData({ settings, recipe }: Given) {
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  const text = script(lines.join("\n"), recipe)
  if (Buffer.byteLength(text) > most)
    throw new Error(`User data has ${Buffer.byteLength(text)} bytes; EC2 takes ${most}`)
  return text
}

const script = (settings: string, { url, sha256 }: Given["recipe"]) => `#!/bin/bash
: <<'END'
${settings}
END
[ ! -x "\${REMOTE_SWE_LIB:-/usr/local/lib/remote-swe}/boot.sh" ] || exit 0
set -euo pipefail
umask 022
trap '[ $? -eq 0 ] || shutdown -h now' EXIT
export HOME=/root DEBIAN_FRONTEND=noninteractive
systemctl stop apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service || true
command -v curl >/dev/null || { apt-get update -q && apt-get install -qy --no-install-recommends curl ca-certificates; }
work=$(mktemp -d)
curl -fsS --proto '=https,http' --retry 5 --retry-all-errors --max-time 60 -o "$work/recipe.tar" --config - <<'END'
url = "${url}"
END
sha256sum --check --status <<<"${sha256}  $work/recipe.tar"
tar --extract --file "$work/recipe.tar" --directory "$work" --no-same-owner
"$work/worker-ami/install.sh"
rm -rf "$work"
systemctl start --no-block remote-swe-boot.service
`
