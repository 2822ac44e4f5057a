import { writeFileSync } from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { ask, id, made, type Registration } from "./aws.ts"
import { serve } from "./cli.ts"
import { load } from "./place.ts"
import type { Inputs, Question, Resource, Result } from "./result.ts"

/**
 * Runs the program once, as Pulumi's Node host would, against mocks, and writes down all that it asked
 * for. A process of its own, because the platform keeps state in globals.
 */

const question: Question = JSON.parse(process.env["MOCK_QUESTION"] ?? "{}")
const { root, work, stage, dev, region, bundles } = question
const result: Result = { protect: false, removal: "", resources: [], links: {}, functions: [], errors: [] }

/** Pulumi's mark of a secret on the wire. */
const secretMark = "4dabf18193072939515e22adb298388d"

const fail = (error: unknown) =>
  void result.errors.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
process.on("unhandledRejection", fail)
process.on("uncaughtException", fail)

/** The part of Pulumi that we touch; the very instance that the bundle uses. */
interface Pulumi {
  runtime: {
    setMocks(mocks: object, project: string, stack: string, preview: boolean): Promise<void>
    runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>
  }
}
interface Message {
  getUrn(): string
  getType(): string
  getName(): string
  getParent(): string
  getProtect(): boolean
  getRetainondelete(): boolean
  getDependenciesList(): string[]
  getObject(): unknown
  getOutputs(): unknown
}
type Callback = (error: Error | null, response: Message) => void
interface Monitor {
  newUrn(parent: string, type: string, name: string): string
  registerResource(request: Message, callback: Callback): void
  registerResourceOutputs(request: Message, callback: (error: null, response: object) => void): void
}
const pulumi: Pulumi = load("@pulumi/pulumi")
const settings: { getMonitor(): Monitor } = load("@pulumi/pulumi/runtime/settings")
const wire: { deserializeProperties(from: unknown, keepSecrets: boolean): unknown } = load("@pulumi/pulumi/runtime/rpc")

process.env["SST_SERVER"] = await serve(question, result.functions)
const name = await describe()
await pulumi.runtime.setMocks(
  {
    newResource: (given: Registration & { id?: string }) => ({
      id: id(given.type, given.name),
      state: made(given, region),
    }),
    call: (given: { token: string; inputs: Inputs }) => ask(given.token, given.inputs, region),
  },
  name,
  stage,
  false,
)
record(settings.getMonitor())

// The loop is empty once every output has settled: that is how a Pulumi program ends.
process.on("beforeExit", () => {
  writeFileSync(question.answer, JSON.stringify(result))
  process.exitCode = result.errors.length > 0 ? 1 : 0
})
const program: { default(): Promise<unknown> } = await import(pathToFileURL(bundles.run).href)
await pulumi.runtime.runInPulumiStack(program.default).catch(fail)

/** What the config says of the app, and the globals that the sst command sets from it. */
async function describe() {
  const config: { default: { app(input: { stage: string }): Promise<App> } } = await import(
    pathToFileURL(bundles.app).href
  )
  const app = await config.default.app({ stage })
  result.protect = app.protect
  result.removal = app.removal
  Object.assign(globalThis, {
    $app: { ...app, stage },
    $dev: dev,
    $cli: {
      command: dev ? "dev" : "deploy",
      dev,
      // The program's relative paths begin at `root`: there stands a dashboard that is built.
      paths: { home: path.join(work, "home"), root: work, work, platform: path.join(root, ".sst", "platform") },
      state: { version: {} },
    },
  })
  return app.name
}

interface App {
  name: string
  removal: string
  protect: boolean
}

/** Writes down every registration whole, which the mocks alone would not show. */
function record(monitor: Monitor) {
  monitor.newUrn = (parent, type, name) => {
    const kind = parent?.split("::")[2]
    const qualified = kind && kind !== "pulumi:pulumi:Stack" ? `${kind}$${type}` : type
    return `urn:pulumi:${stage}::remote-swe::${qualified}::${name}`
  }
  const register = monitor.registerResource.bind(monitor)
  const known = new Map<string, Resource>()
  monitor.registerResource = (request, callback) =>
    register(request, (error, response) => {
      if (error) fail(error)
      else {
        const resource = registered(request, response.getUrn())
        known.set(resource.urn, resource)
        result.resources.push(resource)
      }
      callback(error, response)
    })
  monitor.registerResourceOutputs = (request, callback) => {
    const outputs = plain(request.getOutputs())
    const resource = known.get(request.getUrn())
    if (resource) resource.outputs = outputs
    if (resource?.type === "sst:sst:LinkRef")
      result.links[String(outputs["target"])] = outputs["properties"] as Record<string, unknown>
    callback(null, {})
  }
}

function registered(request: Message, urn: string): Resource {
  const parent = request.getParent()
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    ...(parent && { parent }),
    inputs: plain(request.getObject()),
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
    dependencies: request.getDependenciesList(),
  }
}

function plain(message: unknown): Inputs {
  return JSON.parse(JSON.stringify(open(wire.deserializeProperties(message, true))))
}

/** Secrets as what they hold. Archives say nothing: they lie below `artifacts`. */
function open(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(open)
  if (typeof value !== "object" || value === null) return value
  if (secretMark in value && "value" in value) return open(value.value)
  if (/(Asset|Archive)$/.test(value.constructor?.name ?? "")) return {}
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, open(item)]))
}
