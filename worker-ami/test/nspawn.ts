import { run } from "./util.ts"
import type { World } from "./world.ts"

/** Programs that it takes. */
export const programs = ["systemd-nspawn", "nsenter", "setpriv"]

/**
 * Boots a root as a machine, with systemd, in the machine's network; gives what its console said, when it is off. It has
 * this machine's kernel, with the limits that this one has to give. `disk` is a file with the session's file system: on that of
 * the root, which is of layers, no container could have layers of its own.
 */
export function boot(root: string, { inside }: World, disk: string) {
  // /run as in a machine, so that nothing of this one is touched; the kernel here may have old control groups.
  const script = `mount -t tmpfs tmpfs /run
    mount -o loop "$2" "$1/var/lib/remote-swe/session"
    exec systemd-nspawn --quiet --directory "$1" --boot --register=no --keep-unit --resolv-conf=off \
      --capability=CAP_NET_ADMIN --console=read-only SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1`
  const limits = ["setpriv", "--pdeathsig", "TERM", "timeout", "--kill-after=5", "400"]
  const env = { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" }
  const args = ["unshare", "-m", "sh", "-euc", script, "sh", root, disk]
  return run([...limits, ...inside, ...args], { env, timeout: 410_000 })
}
