import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmod, cp, mkdir, mkdtemp } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { folder, must, run } from "./util.ts"

const cache = path.resolve(folder, "../node_modules/.cache/remote-swe-image")
const certificates = "/etc/ssl/certs/ca-certificates.crt"

/** What a cloud's image of Debian has, and debootstrap's smallest has not. */
const base = ["systemd", "systemd-sysv", "dbus", "ca-certificates", "cron", "systemd-resolved", "udev"]

/** A Debian in a folder, as a machine has it before anything of ours is there. It is gone with this process. */
export async function make(suite: string) {
  const root = await mkdtemp(path.join(os.tmpdir(), "swe-root-"))
  // It becomes the machine's /, which others than root must be able to enter.
  await chmod(root, 0o755)
  const guard = spawn("/bin/sh", ["-c", 'read -r _; rm -rf --one-file-system "$1"', "sh", root], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  })
  const archives = path.join(cache, suite)
  await mkdir(archives, { recursive: true })
  const options = ["--variant=minbase", `--include=${base.join(",")}`, `--cache-dir=${archives}`]
  await must("debootstrap", ...options, suite, root)
  await cp(folder, path.join(root, "worker-ami"), { recursive: true })
  await cp("/etc/resolv.conf", path.join(root, "etc/resolv.conf"), { dereference: true })
  // It trusts whom this machine trusts: a company's proxy may stand between it and the package index.
  await cp(certificates, path.join(root, certificates), { dereference: true })

  /** Runs a program in it, with its own /proc and this machine's devices; what is mounted for that is gone afterwards. */
  function chroot(...args: string[]) {
    const script = `
      mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
      mount --bind "$2" "$1/var/cache/apt/archives" && shift 2 && exec chroot "$@"`
    const settings = Object.entries(process.env).filter(([name]) => /^(PIP_|https?_proxy|HTTPS?_PROXY)/.test(name))
    const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", PIP_CERT: certificates }
    return run(["unshare", "-m", "sh", "-euc", script, "sh", root, archives, root, ...args], {
      env: { ...Object.fromEntries(settings), ...env },
      timeout: 1_000_000,
    })
  }

  return {
    path: root,
    chroot,
    async remove() {
      guard.stdin.end()
      await once(guard, "exit")
    },
  }
}

/** Starts it as a machine, with systemd, in a network that `inside` names; gives what its console said, when it is off. */
export function boot(root: string, inside: readonly string[]) {
  // /run as in a machine, so that nothing of this one is touched; the kernel here may have old control groups.
  const script = `mount -t tmpfs tmpfs /run && exec systemd-nspawn --quiet --directory "$1" --boot --register=no \
    --keep-unit --resolv-conf=off --capability=CAP_NET_ADMIN --console=read-only \
    SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1`
  const limits = ["setpriv", "--pdeathsig", "TERM", "timeout", "--kill-after=5", "100"]
  const env = { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" }
  return run([...limits, ...inside, "unshare", "-m", "sh", "-euc", script, "sh", root], { env, timeout: 110_000 })
}
