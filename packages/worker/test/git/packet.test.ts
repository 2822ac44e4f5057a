import fc from "fast-check"
import { expect, it } from "vitest"
import { Packet } from "../../src/git/packet.ts"
import { Push } from "../../src/git/push.ts"

const payload = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
const hash = fc
  .array(fc.constantFrom(..."0123456789abcdef"), { minLength: 40, maxLength: 40 })
  .map((all) => all.join(""))
const ref = fc.string({ minLength: 1, maxLength: 40 }).map((name) => `refs/heads/${name.replace(/[\0\s]/g, "x")}`)

it("reads back what was written, wherever the stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(payload, { maxLength: 20 }),
      fc.uint8Array({ maxLength: 100 }),
      fc.nat(),
      (list, after, cut) => {
        const head = Buffer.concat([...list.map((item) => Packet.encode(item)), Packet.flush])
        const whole = Buffer.concat([head, Buffer.from(after)])
        const section = Packet.section(whole)
        expect(section?.packets.map((item) => item.toString("hex"))).toEqual(list.map((item) => item.toString("hex")))
        expect(section?.rest.toString("hex")).toBe(Buffer.from(after).toString("hex"))
        expect(Packet.section(head.subarray(0, cut % head.length))).toBeUndefined()
      },
    ),
  )
})

it("refuses anything else with an error of its own", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      try {
        const section = Packet.section(Buffer.from(bytes))
        if (section) Push.parse(section.packets)
      } catch (error) {
        expect(error).toBeInstanceOf(Packet.MalformedError)
      }
    }),
    { numRuns: 2_000 },
  )
})

const command = fc.record({ old: hash, next: hash, ref })

it("knows every ref that a push names, and lets only the session's own through", () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 10 }), fc.boolean(), (commands, own) => {
      const all = own ? commands.map((item) => ({ ...item, ref: "refs/heads/mine" })) : commands
      const lines = all.map(
        ({ old, next, ref }, at) => `${old} ${next} ${ref}${at === 0 ? "\0 report-status side-band-64k" : ""}`,
      )
      const section = Packet.section(Buffer.concat([...lines.map((line) => Packet.encode(line)), Packet.flush]))
      const push = Push.parse(section?.packets ?? [])
      expect(push.commands).toEqual(all)
      expect(push.capabilities).toEqual(["report-status", "side-band-64k"])
      const deletes = all.some((item) => /^0+$/.test(item.next))
      expect(Push.refusal(push.commands, "mine") === undefined).toBe(own && !deletes)
      const report = Push.report(push, ["No."])
      expect(Packet.section(report)?.rest.length).toBe(0)
    }),
  )
})
