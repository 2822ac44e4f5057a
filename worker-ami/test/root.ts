import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { chmod, cp, glob, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { folder, must, run } from "./util.ts"

const repository = path.resolve(folder, "..")
const certificates = "/etc/ssl/certs/ca-certificates.crt"

/** What a cloud's image of Debian has, and debootstrap's smallest has not. */
const base = ["systemd", "systemd-sysv", "dbus", "ca-certificates", "cron", "systemd-resolved", "udev"]
/** A folder has no kernel and no disk of its own. All else is installed. */
export const install = ["/worker-ami/install.sh", "--skip", "kernel", "--skip", "disk"]

export type Root = Awaited<ReturnType<typeof make>>

/**
 * A machine's root in a folder, with everything of this checkout installed: what is changed there lies over what is
 * kept. It is gone with this process.
 */
export async function make() {
  const kept = await installed()
  const place = await mkdtemp(path.join(os.tmpdir(), "swe-root-"))
  const root = path.join(place, "root")
  const guard = spawn("/bin/sh", ["-c", 'read -r _; umount -l "$1/root"; rm -rf --one-file-system "$1"', "sh", place], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  })
  for (const name of ["root", "upper", "work"]) await mkdir(path.join(place, name))
  // It becomes the machine's /, which others than root must be able to enter.
  await chmod(path.join(place, "upper"), 0o755)
  const layers = [`lowerdir=${kept}`, `upperdir=${path.join(place, "upper")}`, `workdir=${path.join(place, "work")}`]
  await must("mount", "-t", "overlay", "-o", layers.join(","), "overlay", root)
  await bring(root)
  await into(root)
  return {
    path: root,
    chroot: (...args: string[]) => chroot(root, ...args),
    async remove() {
      guard.stdin.end()
      await once(guard, "exit")
    },
  }
}

/** A Debian on which it was installed once: packages take most of the time, so it is kept for as long as they are the same. */
async function installed() {
  const suite = process.env["IMAGE_SUITE"] ?? "trixie"
  const cache = path.join(repository, ".cache")
  const kept = path.join(cache, `machine-${suite}-${await fingerprint(suite)}`)
  if (existsSync(kept)) return kept
  await mkdir(cache, { recursive: true })
  for (const name of await readdir(cache))
    if (name.startsWith(`machine-${suite}-`)) await rm(path.join(cache, name), { recursive: true })
  const draft = await mkdtemp(path.join(cache, `machine-${suite}-draft-`))
  await chmod(draft, 0o755)
  await must("debootstrap", "--variant=minbase", `--include=${base.join(",")}`, suite, draft)
  await bring(draft)
  await into(draft)
  await chroot(draft, "apt-get", "clean")
  await rename(draft, kept)
  return kept
}

/** What decides which packages, tools and users there are, and which files. */
async function fingerprint(suite: string) {
  const hash = createHash("sha256").update(JSON.stringify([suite, base]))
  const names = await Array.fromAsync(glob("{conf,lib,nftables,units}/*", { cwd: folder }))
  const read = ["install.sh", "conf/packages.txt", "conf/tools.txt", "conf/sysusers.conf", "conf/tmpfiles.conf"]
  hash.update(names.toSorted().join("\n"))
  for (const name of read) hash.update(await readFile(path.join(folder, name)))
  return hash.digest("hex").slice(0, 16)
}

/** What is to be installed, and whom this machine trusts: a company's proxy may stand between it and the package index. */
async function bring(root: string) {
  await rm(path.join(root, "worker-ami"), { recursive: true, force: true })
  await cp(folder, path.join(root, "worker-ami"), { recursive: true, filter: (name) => !name.endsWith("/test") })
  // It may be a link into a /run that is not there yet.
  await rm(path.join(root, "etc/resolv.conf"), { force: true })
  await cp("/etc/resolv.conf", path.join(root, "etc/resolv.conf"), { dereference: true })
  await cp(certificates, path.join(root, certificates), { dereference: true })
}

async function into(root: string) {
  const { code, stdout, stderr } = await chroot(root, ...install)
  if (code !== 0) throw new Error(`The installation ended with ${code}: ${stderr}${stdout.slice(-4_000)}`)
}

/** Runs a program in it, with its own /proc and this machine's devices; what is mounted for that is gone afterwards. */
function chroot(root: string, ...args: string[]) {
  const script = `
    mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
    shift && exec chroot "$@"`
  const settings = Object.entries(process.env).filter(([name]) => /^(PIP_|https?_proxy|HTTPS?_PROXY)/.test(name))
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", PIP_CERT: certificates }
  return run(["unshare", "-m", "sh", "-euc", script, "sh", root, root, ...args], {
    env: { ...Object.fromEntries(settings), ...env },
    timeout: 1_000_000,
  })
}
