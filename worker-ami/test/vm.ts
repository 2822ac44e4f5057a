import { cp, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises"
import path from "node:path"
import type { Root } from "./root.ts"
import { must, run } from "./util.ts"
import type { World } from "./world.ts"

/** Programs that it takes. */
export const programs = ["qemu-system-x86_64", "mke2fs", "tune2fs"]

const network = `[Match]
Name=eth0
[Network]
Address=10.0.0.2/24
Gateway=10.0.0.1
`

const fstab = `/dev/vda / ext4 defaults 0 0
/session.img /var/lib/remote-swe/session ext4 loop 0 0
`

/**
 * Boots a root as a virtual machine in the world's network, with Debian's own kernel and a disk: everything is as on
 * EC2 but for the metadata. In software unless IMAGE_ACCEL says `kvm`, so it takes minutes.
 */
export async function boot(root: Root, world: World, disk: string) {
  const image = `${disk}.root`
  await prepare(root, disk)
  await must("truncate", "-s", "6G", image)
  await must("mke2fs", "-q", "-t", "ext4", "-m", "2", "-d", root.path, image)
  await must("tune2fs", "-g", "910", image)
  await world.plug("tap0")
  const files = await readdir(path.join(root.path, "boot"))
  const find = (name: string) => path.join(root.path, "boot", files.find((file) => file.startsWith(name)) ?? name)
  const accelerator = process.env["IMAGE_ACCEL"] ?? "tcg,thread=multi"
  const machine = ["-machine", "q35", "-accel", accelerator, "-cpu", "max", "-smp", "2", "-m", "2048", "-no-reboot"]
  const append = "root=/dev/vda rw console=ttyS0 quiet net.ifnames=0"
  const kernel = ["-kernel", find("vmlinuz-"), "-initrd", find("initrd.img-"), "-append", append]
  const drive = ["-drive", `file=${image},format=raw,if=virtio,cache=unsafe`]
  const card = ["-netdev", "tap,id=n,ifname=tap0,script=no,downscript=no", "-device", "virtio-net-pci,netdev=n"]
  const rest = ["-device", "virtio-rng-pci", "-display", "none", "-serial", "stdio", "-monitor", "none"]
  const limits = ["setpriv", "--pdeathsig", "TERM", "timeout", "--kill-after=5", "1000"]
  const command = [
    ...limits,
    ...world.outsideOf,
    "qemu-system-x86_64",
    ...machine,
    ...kernel,
    ...drive,
    ...card,
    ...rest,
  ]
  return run(command, { timeout: 1_010_000 }).finally(() => rm(image))
}

/** What a cloud's image has and a folder has not: a kernel, and a network that is set up. */
async function prepare(root: Root, disk: string) {
  const packages = ["linux-image-cloud-amd64", "initramfs-tools", "zstd"]
  const { code, stderr } = await root.chroot("apt-get", "install", "-qy", "--no-install-recommends", ...packages)
  if (code !== 0) throw new Error(`There is no kernel: ${stderr}`)
  const etc = path.join(root.path, "etc")
  await mkdir(path.join(etc, "systemd/network"), { recursive: true })
  await writeFile(path.join(etc, "systemd/network/10-test.network"), network)
  const wanted = path.join(etc, "systemd/system/multi-user.target.wants/systemd-networkd.service")
  await rm(wanted, { force: true })
  await symlink("/usr/lib/systemd/system/systemd-networkd.service", wanted)
  await cp(disk, path.join(root.path, "session.img"))
  await writeFile(path.join(etc, "fstab"), fstab)
}
