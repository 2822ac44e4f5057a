export * as Model from "./index.ts"
import { Resource } from "sst"
import * as v from "valibot"
import { Actor } from "../actor/index.ts"
import { VisibleError } from "../error.ts"
import { catalogue, fromBedrock, inBedrock, unknown } from "./catalogue.ts"
import { type Credential, Info, type Provider } from "./schema.ts"

export * from "./schema.ts"

/** The provider that serves this installation. */
export const provider = (): Provider => Resource.Settings.provider

/** The models that `from` serves, those of the settings first. A setting replaces what we know of a model. */
export function list(from: Provider = provider()): Info[] {
  const added = configured(Resource.Settings.models)
  const all = from === "bedrock" ? inBedrock(Resource.Settings.geography ?? "global") : catalogue
  const known = all.filter((model) => added.every((other) => other.id !== model.id))
  return [...added, ...known].filter((model) => model.providerID[from] !== undefined)
}

/** What is known of a model, and a guess on the safe side where nothing is. Bedrock's own names will do there. */
export function fromID(id: string): Info {
  const listed = list().find((model) => model.id === id)
  const named = provider() === "bedrock" ? fromBedrock(id) : undefined
  return listed ?? named ?? { ...unknown(id), providerID: { [provider()]: id } }
}

/** The model of a session or message that names none. */
export const initial = () => fromID(Resource.Settings.model)

/** What the worker of a session needs to call this installation's models. */
export function credential(sessionID: string): Credential {
  Actor.assert("session.work", sessionID)
  if (provider() !== "anthropic") return {}
  const { anthropicBaseURL: baseURL } = Resource.Settings
  return {
    ...("AnthropicApiKey" in Resource && { apiKey: Resource.AnthropicApiKey.value }),
    ...(baseURL && { baseURL }),
  }
}

/** Throws unless this installation serves `id`, naming those that it does. */
export function assert(id: string | undefined) {
  if (id === undefined || id === Resource.Settings.model) return
  const served = list()
  if (served.some((model) => model.id === id)) return
  const names = served.map((model) => model.id).join(", ")
  throw new VisibleError("input", "model.unknown", `There is no model ${id}. Use one of: ${names}`)
}

/** The setting is JSON: a list of models, each like `Info`. */
function configured(json: string): Info[] {
  if (json.trim() === "") return []
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), v.array(Info)), json)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  const where = v.getDotPath(issue)
  throw new Error(`Settings.models is not a list of models: ${where ? `${where}: ` : ""}${issue.message}`)
}
