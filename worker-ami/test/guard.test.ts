import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { cannotBoot, serve, type Served } from "./machine.ts"
import { make, type Root } from "./root.ts"

/** Commands that take everything there is: the session goes on, and says what happened. */

const skipped = cannotBoot()

const slice = "/sys/fs/cgroup/swe.slice/swe-agent.slice"
const unlimited = "there is no limit here"
/** Nothing is tried where it would hit the machine that runs the tests. */
const within = (file: string, command: string) =>
  `[ "$(cat ${file} 2>/dev/null)" -gt 0 ] 2>/dev/null || { echo ${unlimited}; exit; }\n${command}`
const bash = (id: string, command: string) => ({ id, name: "bash", input: { command, timeout_seconds: 300 } })
const reason = (controller: string) => `the control groups here have no controller for ${controller}`

describe.skipIf(skipped)("a machine whose commands take everything", () => {
  let root: Root
  let served: Served

  beforeAll(async () => {
    root = await make()
    served = await serve(root, {
      disk: 200,
      // So that it is soon reached.
      files: {
        "etc/systemd/system/swe-agent.slice.d/test.conf": "[Slice]\nMemoryMax=500M\n",
        "etc/systemd/system/remote-swe-host@.service.d/test.conf": "[Service]\nTasksMax=300\n",
      },
      tasks: [
        {
          message: "Eat the memory",
          calls: [
            bash("eat", within(`${slice}/memory.max`, "tail /dev/zero; echo code $?")),
            bash("eat-again", within(`${slice}/memory.max`, "tail /dev/zero; echo code $?")),
            bash("after-eat", "echo alive"),
          ],
        },
        {
          message: "Fill the disk",
          calls: [
            bash("fill", "cat /dev/zero >big"),
            { id: "write", name: "write", input: { path: "small.txt", content: "some text" } },
            bash("clean", "rm big && echo cleaned"),
          ],
        },
        {
          message: "Start processes without end",
          calls: [
            bash("bomb", within(`${slice}/*/pids.max`, "bomb() { bomb | bomb & }; bomb 2>/dev/null; sleep 3")),
            bash("after-bomb", "echo alive"),
          ],
        },
      ],
    })
  })
  afterAll(() => root.remove())

  /** The notices of each turn. */
  const notices = () => {
    const turns: string[][] = [[]]
    for (const event of served.events) {
      if (event.kind === "turn" && event.turn.phase === "started") turns.push([])
      if (event.kind === "notice" && event.code.startsWith("machine.")) turns.at(-1)?.push(event.code)
    }
    return turns.slice(1)
  }

  test("has the same worker from the beginning to the end", () => {
    expect(served.of("joined")).toMatchObject([{ generation: 1 }])
    expect(served.outcomes()).toEqual(["done", "done", "done"])
    expect(served.of("left")).toMatchObject([{ reason: "idle" }])
    expect(served.faults).toEqual([])
  })

  test("says that memory ran out: to the model each time, to people once a turn", ({ skip }) => {
    if (served.result("eat") === unlimited) return skip(reason("memory"))
    for (const id of ["eat", "eat-again"])
      expect(served.result(id)).toMatch(/code 137[^]*Out of memory: [^]*Commands may use 500 MB in all/)
    expect(served.result("after-eat")).toBe("alive")
    expect(notices()[0]).toEqual(["machine.memory"])
  })

  test("says that the disk is full, and goes on when there is room again", () => {
    expect(served.result("fill")).toMatch(/No space left on device[^]*The disk is full: \d MB are left/)
    expect(served.result("write")).toContain("The disk is full")
    expect(served.result("clean")).toBe("cleaned")
    expect(notices()[1]).toEqual(["machine.disk"])
  })

  test("says that there were too many processes, and ends them where no other could be started", ({ skip }) => {
    if (served.result("bomb") === unlimited) return skip(reason("processes"))
    expect(served.result("bomb")).toMatch(/Too many processes[^]*Everything that was running was ended/)
    expect(served.result("after-bomb")).toBe("alive")
    expect(notices()[2]).toEqual(["machine.processes"])
  })
})
