#!/bin/bash
# Makes the session's user root on this machine, because its settings say so. After this nothing on the machine is kept
# from commands. Run by remote-swe-sudo.service.
set -euo pipefail

lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
unit=/run/systemd/system/remote-swe-host@.service.d

install -d /etc/sudoers.d "$unit"
install -m 0440 "$lib/sudoers" /etc/sudoers.d/remote-swe
chmod 4755 /usr/bin/sudo
install -m 0644 "$lib/sudo.conf" "$unit/sudo.conf"
systemctl daemon-reload
echo "Commands may become root: nothing on this machine is kept from them" >&2
