import { readdir } from "node:fs/promises"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { install, make, type Root } from "./root.ts"
import { folder, lacking } from "./util.ts"

const skipped = lacking("install", ["debootstrap", "unshare", "chroot"], true)

/**
 * The most that `systemd-analyze security` may say of exposure: 10 is a unit without any limits. That of commands has
 * to let them have containers and networks: it may make namespaces and map users, and its /proc is uncovered.
 */
const exposure = {
  boot: 2.3,
  firewall: 1.9,
  "host@": 4.1,
  log: 1.5,
  "refusals@": 2,
  spot: 1.5,
  "stop@": 1.5,
  sudo: 1.8,
  worker: 1.5,
}

describe.skipIf(skipped)("a machine that was installed", () => {
  let root: Root
  const inside = async (...args: string[]) => {
    const { code, stdout, stderr } = await root.chroot(...args)
    expect(code, stderr + stdout.slice(-4_000)).toBe(0)
    return stdout
  }

  beforeAll(async () => {
    root = await make()
  })
  afterAll(() => root.remove())

  const state = () =>
    inside(
      "sh",
      "-c",
      `find /etc /opt /usr /var/lib/remote-swe -xdev -not -path '*/__pycache__*' -not -name '*.cache' -printf '%p %m %u %g %l\\n' | sort
       cat /etc/passwd /etc/group /etc/subuid /etc/subgid; getcap -r /usr; dpkg-statoverride --list | sort; dpkg -l`,
    )

  test("is the same when it is installed once more, and says what was left out", async () => {
    const before = await state()
    const said = await inside(...install)
    expect(said).toContain("── kernel: skipped, as asked")
    expect(said).toContain("── disk: skipped, as asked")
    expect(await state()).toBe(before)
  })

  test("refuses to leave out what it does not know", async () => {
    expect(await root.chroot("/worker-ami/install.sh", "--skip", "firewall")).toMatchObject({ code: 2 })
  })

  test("has no program that gives rights, but for the two that map a container's users", async () => {
    expect(await inside("find", "/", "-xdev", "-type", "f", "-perm", "/6000")).toBe("")
    const rights = await inside("getcap", "-r", "/usr")
    expect(rights.trim().split("\n").toSorted()).toEqual([
      "/usr/bin/newgidmap cap_setgid=ep",
      "/usr/bin/newuidmap cap_setuid=ep",
    ])
  })

  test("has units that systemd understands, and that are closed", async () => {
    const place = "/etc/systemd/system"
    const units = `${place}/remote-swe-*.service ${place}/remote-swe-*.socket ${place}/swe*.slice`
    expect((await root.chroot("sh", "-c", `systemd-analyze verify --man=no ${units} 2>&1`)).stdout).toBe("")
    const names = (await readdir(path.join(folder, "units"))).filter((name) => name.endsWith(".service"))
    expect(
      Object.keys(exposure)
        .map((name) => `remote-swe-${name}.service`)
        .toSorted(),
    ).toEqual(names.toSorted())
    for (const [name, most] of Object.entries(exposure)) {
      const unit = `${place}/remote-swe-${name}.service`
      const limit = `--threshold=${most * 10}`
      await inside("systemd-analyze", "security", "--offline=true", "--no-pager", limit, unit)
    }
  })
})
