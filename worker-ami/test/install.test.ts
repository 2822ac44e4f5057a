import { createHash } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import * as Metadata from "./metadata.ts"
import { boot, make } from "./root.ts"
import { folder, lacking, must, run } from "./util.ts"
import { open, place } from "./world.ts"

const skipped = lacking("install", ["debootstrap", "unshare", "chroot"], true)
const unbooted =
  skipped || lacking("machine", ["systemd-nspawn", "nsenter", "ip", "socat", "nft", "ping", "setpriv"], true)

/** A folder has no kernel and no disk of its own. All else is installed. */
const install = ["/worker-ami/install.sh", "--skip", "kernel", "--skip", "disk"]
/** The most that `systemd-analyze security` may say of exposure: 10 is a unit without any limits. */
const exposure = { boot: 2.5, firewall: 2.5, "host@": 4.5, log: 2, "refusals@": 2, spot: 2, "stop@": 2, worker: 2 }

describe.skipIf(skipped)("a machine that was installed", () => {
  let root: Awaited<ReturnType<typeof make>>
  const inside = async (...args: string[]) => {
    const { code, stdout, stderr } = await root.chroot(...args)
    expect(code, stderr + stdout.slice(-4_000)).toBe(0)
    return stdout
  }

  beforeAll(async () => {
    root = await make(process.env["IMAGE_SUITE"] ?? "trixie")
    await inside(...install)
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
    const folder = "/etc/systemd/system"
    const units = `${folder}/remote-swe-*.service ${folder}/remote-swe-*.socket ${folder}/swe*.slice`
    expect((await root.chroot("sh", "-c", `systemd-analyze verify --man=no ${units} 2>&1`)).stdout).toBe("")
    for (const [name, most] of Object.entries(exposure)) {
      const unit = `${folder}/remote-swe-${name}.service`
      const limit = `--threshold=${most * 10}`
      await inside("systemd-analyze", "security", "--offline=true", "--no-pager", limit, unit)
    }
  })

  describe.skipIf(unbooted)("and booted", () => {
    let report: Record<string, string> & { own: Record<string, unknown> }
    let calls: Metadata.Call[]
    let said: string

    beforeAll(async () => {
      const world = await open()
      const bundle = path.join(root.path, "bundle.tgz")
      await must("tar", "-czf", bundle, "-C", path.join(folder, "test/program"), "index.mjs", "host.mjs")
      const program = await readFile(bundle)
      const socket = path.join(root.path, "metadata.sock")
      const data = {
        AWS_REGION: "eu-west-1",
        REMOTE_SWE_API_URL: "https://swe.example/api/v1",
        REMOTE_SWE_SESSION_ID: "ses_01",
        REMOTE_SWE_GENERATION: "3",
        REMOTE_SWE_LOG_GROUP: "/swe/test/worker",
        REMOTE_SWE_BUNDLE_URL: `http://${place.metadata4}/program`,
        REMOTE_SWE_BUNDLE_SHA256: createHash("sha256").update(program).digest("hex"),
      }
      const role = { AccessKeyId: "id", SecretAccessKey: "secret", Token: "token", Expiration: "2100-01-01T00:00:00Z" }
      const metadata = await Metadata.start({
        socket,
        pages: {
          program,
          "latest/user-data": Object.entries(data)
            .map(([name, value]) => `${name}=${value}\n`)
            .join(""),
          "latest/meta-data/instance-life-cycle": "on-demand",
          "latest/meta-data/iam/security-credentials/": "worker",
          "latest/meta-data/iam/security-credentials/worker": JSON.stringify(role),
        },
      })
      world.hand(place.metadata4, socket)
      world.hand(place.outside4, socket)
      const settings = path.join(root.path, "etc/systemd/system/remote-swe-log.service.d")
      await mkdir(settings, { recursive: true })
      await writeFile(
        path.join(settings, "test.conf"),
        `[Service]\nEnvironment=REMOTE_SWE_LOGS=http://${place.outside4}\n`,
      )
      const { stdout, stderr } = await boot(root.path, world.inside)
      said = stdout + stderr
      calls = metadata.calls
      await metadata.close()
      await world.close()
      const found = await readFile(path.join(root.path, "var/lib/remote-swe/session/report.json"), "utf8").catch(
        async () => {
          const journal = [
            "journalctl",
            "--no-pager",
            "-D",
            path.join(root.path, "var/log/journal"),
            "--unit=remote-swe-*",
          ]
          throw new Error(`The worker left no report. ${said.slice(-2_000)}\n${(await run(journal)).stdout}`)
        },
      )
      report = JSON.parse(found) as typeof report
    })

    test("ends itself when its worker has nothing more to do", () => {
      expect(said).toMatch(/Powering off|Power Off/)
    })

    test("runs commands as somebody else than the worker, in the session's folder", () => {
      expect(report["identity"]).toBe("swe-agent\nswe-agent\n/var/lib/remote-swe/session/workspace")
      expect(report.own).toMatchObject({ uid: 910, host: true })
    })

    test("keeps the metadata address from commands; the worker has it", () => {
      expect(report["metadata"]).toMatch(/^curl: \(7\)[^]*000$/)
      expect(report.own["metadata"]).toBe("200")
    })

    test("shows commands neither the worker's process, nor its settings, nor its sockets", () => {
      expect(report["daemon"]).toMatch(/No such file or directory$/)
      expect(report["environment"]).not.toMatch(/REMOTE_SWE_|AWS_|LISTEN_|NOTIFY_SOCKET/)
      expect(report["settings"]?.split("\n")).toEqual([
        expect.stringMatching(/worker.env: (Permission denied|No such file)/),
        expect.stringMatching(/secret: (Permission denied|No such file)/),
      ])
      expect(report["sockets"]).toMatch(/Permission denied[^]*Permission denied/)
    })

    test("lets commands neither write elsewhere nor become somebody", () => {
      expect(report["elsewhere"]?.split("\n")).toHaveLength(4)
      expect(report["rights"]).not.toContain("uid=0")
    })

    test("lets commands have containers and sandboxes of their own", () => {
      expect(report["container"]).toBe("contained")
      expect(report["ids"]).toMatch(/0 2000 1\n ?1 100000 65536/)
    })

    test("ends whatever commands left behind when the worker hangs up, also when they stopped the host", () => {
      expect(report["stays"]).toBe("1")
      expect(report["gone"]).toBe("0")
      expect(report["stopped"]).toBe("ended")
      expect(report["after"]).toBe("0")
    })

    test("tells the worker, and no command, of what the firewall refuses", () => {
      expect(report.own["refusals"]).toBe("open")
      expect(report["sockets"]).not.toContain("refusals.sock")
    })

    test("has the tools of the trade", () => {
      expect(report["tools"]).toMatch(/^v24\.[^]*git version[^]*ripgrep[^]*Chromium/)
    })

    test("sends what the units say to the log group, and nothing of the commands", () => {
      const [first, ...rest] = calls
      expect(first).toMatchObject({
        target: "Logs_20140328.CreateLogStream",
        body: { logGroupName: "/swe/test/worker", logStreamName: "ses_01/3" },
      })
      const text = JSON.stringify(rest.map(({ body }) => body))
      expect(text).toContain("Ready for session ses_01")
      expect(text).not.toContain("remote-swe-host@")
    })
  })
})
