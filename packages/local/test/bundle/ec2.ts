import { createServer } from "node:http"
import { text } from "node:stream/consumers"
import { close, listen } from "../../src/net.ts"
import type { Machines } from "./machine.ts"

/** The part of EC2 that the launcher and the sweeper use. There are no images, snapshots or disks of ours. */
export async function serve(machines: Machines) {
  const instances: Instance[] = []
  const server = createServer(async (request, response) => {
    const query = new URLSearchParams(await text(request))
    const action = query.get("Action") ?? ""
    const known = actions[action]
    const code = "<Code>InvalidAction</Code><Message>Not part of this EC2</Message>"
    if (!known) return response.writeHead(400).end(`<Response><Errors><Error>${code}</Error></Errors></Response>`)
    const said = await known(query, instances, machines)
    response.writeHead(200, { "content-type": "text/xml" }).end(`<${action}Response>${said}</${action}Response>`)
  })
  const port = await listen(server, { host: "127.0.0.1", port: 0 })
  return {
    url: `http://127.0.0.1:${port}`,
    /** Ends a session's machines without a word, as a failing host does. */
    crash(sessionID: string) {
      for (const { id, tags } of instances) if (tags["remote-swe:session"] === sessionID) machines.crash(id)
    },
    close: () => close(server),
  }
}

interface Instance {
  id: string
  client: string
  tags: Record<string, string>
}

type Action = (query: URLSearchParams, instances: Instance[], machines: Machines) => Promise<string>

const actions: Record<string, Action> = {
  async RunInstances(query, instances, machines) {
    const client = query.get("ClientToken") ?? ""
    const before = instances.find((item) => item.client === client)
    const instance = before ?? {
      id: `i-${String(instances.length + 1).padStart(17, "0")}`,
      client,
      tags: tagsOf(query),
    }
    if (!before) {
      instances.push(instance)
      await machines.boot(instance.id, variables(Buffer.from(query.get("UserData") ?? "", "base64").toString()))
    }
    return `<instancesSet>${describe(instance, "running")}</instancesSet>`
  },
  async DescribeInstances(query, instances, machines) {
    const states = values(query, "instance-state-name")
    const items = instances.flatMap((instance) => {
      const state = machines.isAlive(instance.id) ? "running" : "terminated"
      return matches(instance, query) && (states?.includes(state) ?? true) ? describe(instance, state) : []
    })
    return `<reservationSet><item><instancesSet>${items.join("")}</instancesSet></item></reservationSet>`
  },
  async TerminateInstances(query, _, machines) {
    for (const [name, id] of query) if (name.startsWith("InstanceId.")) machines.terminate(id)
    return "<instancesSet/>"
  },
  DescribeImages: async () => "<imagesSet/>",
  DescribeSnapshots: async () => "<snapshotSet/>",
  DescribeVolumes: async () => "<volumeSet/>",
}

/** What a machine's unit reads: the lines between the marks of a here-document. */
function variables(boot: string) {
  const [, lines = ""] = /<<'END'\n([\s\S]*?)\nEND\n/.exec(boot) ?? []
  return Object.fromEntries(
    lines.split("\n").map((line) => {
      const [name = "", ...rest] = line.split("=")
      return [name, rest.join("=")]
    }),
  )
}

function tagsOf(query: URLSearchParams) {
  return Object.fromEntries(
    [...query].flatMap(([name, key]) => {
      const [, prefix] = /^(TagSpecification\.1\.Tag\.\d+)\.Key$/.exec(name) ?? []
      return prefix ? [[key, query.get(`${prefix}.Value`) ?? ""]] : []
    }),
  )
}

/** The values of a filter; undefined where it is not set. */
function values(query: URLSearchParams, filter: string) {
  const [name] = [...query].find(([key, value]) => /^Filter\.\d+\.Name$/.test(key) && value === filter) ?? []
  const prefix = name?.replace(/Name$/, "Value.")
  return prefix ? [...query].flatMap(([key, value]) => (key.startsWith(prefix) ? [value] : [])) : undefined
}

const matches = ({ tags }: Instance, query: URLSearchParams) =>
  Object.entries(tags).every(([name, value]) => values(query, `tag:${name}`)?.includes(value) ?? true)

function describe({ id, tags }: Instance, state: "running" | "terminated") {
  const set = Object.entries(tags).map(([key, value]) => `<item><key>${key}</key><value>${value}</value></item>`)
  const inner = `<instanceState><code>0</code><name>${state}</name></instanceState><tagSet>${set.join("")}</tagSet>`
  return `<item><instanceId>${id}</instanceId>${inner}</item>`
}
