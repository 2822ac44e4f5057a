#!/bin/bash
# Ends all commands at once, and what they are starting at this moment, by their control group: signals to one process
# after the other would never end with a fork bomb. Run by remote-swe-stop@.service.
set -euo pipefail

slice=${REMOTE_SWE_SLICE:-/sys/fs/cgroup/swe.slice/swe-agent.slice}

# Without a host there is no group, and nothing to end.
[ -d "$slice" ] || exit 0
echo 1 >"$slice/cgroup.kill"
# Who asked goes on when this has ended: then nothing of it may be left.
while grep -q '^populated 1$' "$slice/cgroup.events"; do sleep 0.05; done
