#!/bin/bash
# Makes a machine that has just started into a session's: reads its settings, fetches the worker's program, opens the
# firewall where nothing is to be kept in. Run by remote-swe-boot.service; a machine on which it fails ends itself.
set -euo pipefail

metadata=${REMOTE_SWE_METADATA:-http://169.254.169.254}
run=${REMOTE_SWE_RUN:-/run/remote-swe}
program=${REMOTE_SWE_PROGRAM:-/opt/remote-swe/worker}
lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# What user data may set. All else in it, such as a script for a machine without this program, is for others.
names='AWS_REGION|REMOTE_SWE_(API_URL|SESSION_ID|GENERATION|LOG_GROUP|BUNDLE_URL|BUNDLE_SHA256)|ANTHROPIC_BASE_URL|GITHUB_(SERVER|API)_URL|EGRESS_ALLOWED_DOMAINS|WORKER_SUDO'
# Nothing in which systemd would see a quote, an escape or a comment.
value='[A-Za-z0-9:/?&=%._~+,@*-]*'

say() { echo "$*" >&2; }

# settings: the lines of user data that are ours. Nothing where there is no user data at all.
settings() {
  local token status file
  file=$(mktemp)
  token=$(curl -fsS --noproxy '*' --retry 20 --retry-delay 1 --retry-all-errors --max-time 5 -X PUT \
    -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$metadata/latest/api/token")
  status=$(curl -sS --noproxy '*' --retry 5 --retry-all-errors --max-time 5 -o "$file" -w '%{http_code}' \
    -H "X-aws-ec2-metadata-token: $token" "$metadata/latest/user-data")
  case $status in
  200) grep -aE "^($names)=" "$file" | grep -axE "[A-Z0-9_]+=$value" || true ;;
  404) ;;
  *) say "The metadata address answered $status" && return 1 ;;
  esac
  rm -f "$file"
}

# setting <name>: its value in the settings, or nothing.
setting() { sed -n "s/^$1=//p" "$run/worker.env" | tail -n 1; }

fetch() {
  local address sum new
  address=$(setting REMOTE_SWE_BUNDLE_URL) sum=$(setting REMOTE_SWE_BUNDLE_SHA256)
  new=$(mktemp -d "$program.XXXXXX")
  [[ $sum =~ ^[0-9a-f]{64}$ ]] || { say "There is no SHA-256 of the worker's program" && return 1; }
  # The address is signed: whoever reads the journal need not have it.
  curl -fsS --proto '=https,http' --retry 5 --retry-all-errors --max-time 60 -o "$new/bundle" --config - <<<"url = \"$address\"" ||
    { say "The worker's program cannot be fetched" && return 1; }
  sha256sum --check --status <<<"$sum  $new/bundle" || { say "The worker's program is not the one that was meant" && return 1; }
  mkdir "$new/tree"
  tar --extract --gzip --file "$new/bundle" --directory "$new/tree" --no-same-owner --no-same-permissions
  [ -f "$new/tree/index.mjs" ] || { say "The worker's program has no index.mjs" && return 1; }
  [ -f "$new/tree/host.mjs" ] || { say "The worker's program has no host.mjs" && return 1; }
  chmod -R u=rwX,go=rX "$new/tree"
  rm -rf "$program"
  mv "$new/tree" "$program"
  rm -rf "$new"
}

umask 022
install -d -m 0711 "$run"
(umask 077 && settings >"$run/settings")
if [ ! -s "$run/settings" ]; then
  say "No session was given to this machine"
  exit 0
fi
mv "$run/settings" "$run/worker.env"
[ -n "$(setting REMOTE_SWE_SESSION_ID)" ] || { say "The settings name no session" && exit 1; }
fetch
if [ -z "$(setting EGRESS_ALLOWED_DOMAINS)" ]; then
  "${REMOTE_SWE_NFT:-nft}" -f "$lib/nftables/open.nft"
fi
# Only this word does: see sudo.sh for what it gives up.
if [ "$(setting WORKER_SUDO)" = true ]; then : >"$run/sudo"; fi
# What only booting needed, and everybody's limits would show.
sed -Ei '/^(REMOTE_SWE_BUNDLE_|WORKER_SUDO=)/d' "$run/worker.env"
say "Ready for session $(setting REMOTE_SWE_SESSION_ID)"
