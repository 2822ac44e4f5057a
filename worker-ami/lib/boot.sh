#!/bin/bash
# Makes a machine that has just started into a session's: reads its settings, fetches the worker's program, waits for
# a session where it was started for whoever comes, opens the firewall where nothing is to be kept in. Run by
# remote-swe-boot.service at every start; a machine on which it fails ends itself.
set -euo pipefail

metadata=${REMOTE_SWE_METADATA:-http://169.254.169.254}
run=${REMOTE_SWE_RUN:-/run/remote-swe}
program=${REMOTE_SWE_PROGRAM:-/opt/remote-swe/worker}
every=${REMOTE_SWE_POOL_SECONDS:-1}
lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# What user data may set. All else in it, such as a script for a machine without this program, is for others.
names='AWS_REGION|REMOTE_SWE_(API_URL|SESSION_ID|GENERATION|POOL|LOG_GROUP|BUNDLE_URL|BUNDLE_SHA256)|ANTHROPIC_BASE_URL|GITHUB_(SERVER|API)_URL|EGRESS_ALLOWED_DOMAINS|WORKER_SUDO'
# Nothing in which systemd would see a quote, an escape or a comment.
value='[A-Za-z0-9:/?&=%._~+,@*-]*'

say() { echo "$*" >&2; }

renew() {
  token=$(curl -fsS --noproxy '*' --retry 20 --retry-delay 1 --retry-all-errors --max-time 5 -X PUT \
    -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600' "$metadata/latest/api/token")
  renewed=$SECONDS
}

# settings: the lines of user data that are ours. Nothing where there is no user data at all.
settings() {
  local status file
  file=$(mktemp)
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
setting() { sed -n "s/^$1=//p" "$run/settings" | tail -n 1; }

# The program that is wanted may be there from an earlier start: by then its address has run out.
fetch() {
  local address sum new
  address=$(setting REMOTE_SWE_BUNDLE_URL) sum=$(setting REMOTE_SWE_BUNDLE_SHA256)
  [[ $sum =~ ^[0-9a-f]{64}$ ]] || { say "There is no SHA-256 of the worker's program" && return 1; }
  [ "$(cat "$program/.sha256" 2>/dev/null)" != "$sum" ] || return 0
  new=$(mktemp -d "$program.XXXXXX")
  # The address is signed: whoever reads the journal need not have it.
  curl -fsS --proto '=https,http' --retry 5 --retry-all-errors --max-time 60 -o "$new/bundle" --config - <<<"url = \"$address\"" ||
    { say "The worker's program cannot be fetched" && return 1; }
  sha256sum --check --status <<<"$sum  $new/bundle" || { say "The worker's program is not the one that was meant" && return 1; }
  mkdir "$new/tree"
  tar --extract --gzip --file "$new/bundle" --directory "$new/tree" --no-same-owner --no-same-permissions
  [ -f "$new/tree/index.mjs" ] || { say "The worker's program has no index.mjs" && return 1; }
  [ -f "$new/tree/host.mjs" ] || { say "The worker's program has no host.mjs" && return 1; }
  echo "$sum" >"$new/tree/.sha256"
  chmod -R u=rwX,go=rX "$new/tree"
  rm -rf "$program"
  mv "$new/tree" "$program"
  rm -rf "$new"
}

prepare() {
  renew
  (umask 077 && settings >"$run/settings")
  if [ ! -s "$run/settings" ]; then
    say "No session was given to this machine"
    return
  fi
  [ -n "$(setting REMOTE_SWE_SESSION_ID)$(setting REMOTE_SWE_POOL)" ] || { say "The settings name no session" && return 1; }
  fetch
}

# tag <name>: what a tag of this machine says; fails where there is no such tag.
tag() { curl -fsS --noproxy '*' --max-time 5 -H "X-aws-ec2-metadata-token: $token" "$metadata/latest/meta-data/tags/instance/$1" 2>/dev/null; }

# Whoever takes a machine from the pool marks it with the session.
claimed() {
  local session generation
  say "Waiting in the pool as $(setting REMOTE_SWE_POOL)"
  until session=$(tag remote-swe:session) && generation=$(tag remote-swe:generation); do
    sleep "$every"
    [ $((SECONDS - renewed)) -lt 18000 ] || renew
  done
  [[ $session =~ ^[a-z0-9_]+$ && $generation =~ ^[0-9]+$ ]] || { say "The machine's tags name no session" && return 1; }
  printf 'REMOTE_SWE_SESSION_ID=%s\nREMOTE_SWE_GENERATION=%s\n' "$session" "$generation" >>"$run/settings"
}

umask 022
if [ "${1-}" = prepare ]; then
  prepare
  exit
fi
install -d -m 0711 "$run"
rm -f "$run/worker.env"
# Only waiting in the pool may take long.
timeout --kill-after=5 170 "${BASH_SOURCE[0]}" prepare
[ -s "$run/settings" ] || exit 0
if [ -z "$(setting REMOTE_SWE_SESSION_ID)" ]; then
  renew
  claimed
fi
if [ -z "$(setting EGRESS_ALLOWED_DOMAINS)" ]; then
  "${REMOTE_SWE_NFT:-nft}" -f "$lib/nftables/open.nft"
fi
# Only this word does: see sudo.sh for what it gives up.
if [ "$(setting WORKER_SUDO)" = true ]; then : >"$run/sudo"; fi
# What only booting needed, and everybody's limits would show.
sed -Ei '/^(REMOTE_SWE_(BUNDLE_|POOL=)|WORKER_SUDO=)/d' "$run/settings"
mv "$run/settings" "$run/worker.env"
say "Ready for session $(sed -n 's/^REMOTE_SWE_SESSION_ID=//p' "$run/worker.env")"
