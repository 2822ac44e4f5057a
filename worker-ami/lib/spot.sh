#!/bin/bash
# Waits for EC2 to take a Spot machine back, two minutes ahead, and then asks the worker to save and leave.
set -euo pipefail

metadata=${REMOTE_SWE_METADATA:-http://169.254.169.254}
every=${REMOTE_SWE_SPOT_SECONDS:-5}

ask() { curl -fsS --noproxy '*' --max-time 4 -H "X-aws-ec2-metadata-token: $token" "$metadata/latest/meta-data/$1"; }
renew() {
  token=$(curl -fsS --noproxy '*' --retry 10 --retry-all-errors --max-time 4 -X PUT \
    -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600' "$metadata/latest/api/token")
  renewed=$SECONDS
}

renew
[ "$(ask instance-life-cycle)" = spot ] || exit 0

while sleep "$every"; do
  [ $((SECONDS - renewed)) -lt 18000 ] || renew
  # There is no such page until there is a notice.
  notice=$(ask spot/instance-action 2>/dev/null) || continue
  echo "EC2 takes this machine back: $notice" >&2
  kill -TERM "$(systemctl show --property MainPID --value remote-swe-worker.service)"
  exit 0
done
