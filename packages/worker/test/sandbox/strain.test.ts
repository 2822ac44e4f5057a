import { describe, expect, it } from "vitest"
import { isCrowded, type Strain, strains, type Vitals, words } from "../../src/sandbox/strain.ts"

const megabyte = 1024 * 1024
const gigabyte = 1024 * megabyte
const disk = { free: 10 * gigabyte, size: 30 * gigabyte, files: 1_000_000 }
const processes = { refused: { own: 0, all: 0 }, now: 12, limit: 4_000 }
const calm: Vitals = { group: "/a", memory: { ended: 0, limit: 6 * gigabyte }, processes, disk }
const refused = (own: number, all: number) => ({ ...processes, refused: { own, all } })

describe("what commands ran short of", () => {
  const cases: [string, Partial<Vitals>, Partial<Vitals>, Strain[]][] = [
    ["nothing happened", {}, {}, []],
    ["the kernel ended a process", {}, { memory: { ended: 1 } }, ["memory"]],
    ["it had ended one before", { memory: { ended: 1 } }, { memory: { ended: 1 } }, []],
    ["it ended one more", { memory: { ended: 1 } }, { memory: { ended: 2 } }, ["memory"]],
    ["memory is not counted", { memory: undefined }, { memory: undefined }, []],
    [
      "a process was refused in the host's group, where older kernels count it",
      {},
      { processes: refused(3, 0) },
      ["processes"],
    ],
    [
      "a process was refused above it, where newer kernels count it, too",
      {},
      { processes: refused(0, 3) },
      ["processes"],
    ],
    ["some had been refused before", { processes: refused(3, 3) }, { processes: refused(3, 3) }, []],
    ["another host counts from nothing", { processes: refused(3, 0) }, { group: "/b", processes: refused(0, 0) }, []],
    [
      "another host was refused one",
      { processes: refused(3, 0) },
      { group: "/b", processes: refused(1, 0) },
      ["processes"],
    ],
    ["the host that is gone was refused one", {}, { group: "/b", processes: refused(0, 1) }, ["processes"]],
    ["processes are not counted", { processes: undefined }, { processes: undefined }, []],
    ["the disk is full", {}, { disk: { ...disk, free: 50 * megabyte } }, ["disk"]],
    ["it is still full", { disk: { ...disk, free: 0 } }, { disk: { ...disk, free: 0 } }, ["disk"]],
    ["there is room again", { disk: { ...disk, free: 0 } }, {}, []],
    ["a small disk has little and is not full", {}, { disk: { free: 20 * megabyte, size: 200 * megabyte } }, []],
    ["a small disk is full", {}, { disk: { free: 3 * megabyte, size: 200 * megabyte } }, ["disk"]],
    ["no more files can be made", {}, { disk: { ...disk, files: 0 } }, ["disk"]],
    ["files are not counted", {}, { disk: { ...disk, files: undefined } }, []],
    [
      "everything at once",
      {},
      { memory: { ended: 1 }, processes: refused(1, 1), disk: { ...disk, free: 0 } },
      ["memory", "processes", "disk"],
    ],
  ]
  it.each(cases)("%s", (_, before, after, found) => {
    expect(strains({ ...calm, ...before }, { ...calm, ...after })).toEqual(found)
  })

  it("leaves no room for a command when nearly all processes are there, where there is a limit", () => {
    expect(isCrowded(calm)).toBe(false)
    expect(isCrowded({ ...calm, processes: { ...processes, now: 3_990 } })).toBe(true)
    expect(isCrowded({ ...calm, processes: { ...processes, now: 3_990, limit: undefined } })).toBe(false)
    expect(isCrowded({ ...calm, processes: undefined })).toBe(false)
  })

  it("is said in plain words, with the limit where there is one", () => {
    expect(words("memory", calm, false).result).toBe(
      "[Out of memory: the system ended a process of this session. Commands may use 6.0 GB in all. Use less at once, such as fewer jobs side by side.]",
    )
    expect(words("memory", { ...calm, memory: { ended: 1 } }, false).notice).not.toMatch(/\d/)
    expect(words("processes", calm, false).result).toBe(
      "[Too many processes: one could not be started. Commands may have 4000 at once.]",
    )
    expect(words("processes", calm, true).notice).toContain("Everything that was running was ended")
    expect(words("disk", { ...calm, disk: { ...disk, free: 12.7 * megabyte } }, false).result).toContain(
      "12 MB are left",
    )
    expect(words("disk", { ...calm, disk: { ...disk, files: 3 } }, false).result).toContain("no more files can be made")
  })
})
