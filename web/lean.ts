import { fileURLToPath } from "node:url"
import type { Plugin } from "vite"

/** A server without what a built one never reaches, which would be more than a third of it. */

interface Rule {
  ids: RegExp
  /** Only there. */
  importer?: RegExp
  /** What is there instead; `$` stands for the module itself. */
  code: string
}

const nothing = "export default {}"

const rules: Rule[] = [
  // What runs in browsers only.
  { ids: /^(?:dompurify|mqtt|highlight\.js)(?:\/|$)/, code: nothing },
  { ids: /^marked$/, code: "export class Marked {}" },
  // Where others than functions and `npm start`, which have them in the environment, look for credentials of AWS.
  { ids: /^@aws-sdk\/credential-provider-(?:http|ini|login|process|sso|web-identity)$/, code: nothing },
  { ids: /^@smithy\/credential-provider-imds$/, code: nothing },
  // What reads services that stream events. We call none, though S3's client could.
  {
    ids: /^@smithy\/core\/event-streams$/,
    code: "export const resolveEventStreamSerdeConfig = (config) => config\nexport const eventStreamSerdeProvider = undefined",
  },
  // Hashes in JavaScript, for a Node that was built without its own.
  {
    ids: /^\.\/(?:Md5|Sha1|Sha256)Js$/,
    code: "export const Md5Js = undefined, Sha1Js = undefined, Sha256Js = undefined",
  },
  // Groups of entities and transactions over several.
  { ids: /^\.\/src\/service$/, importer: /\/electrodb\/index\.js$/, code: "export const Service = undefined" },
  {
    ids: /^\.\/src\/transaction$/,
    importer: /\/electrodb\/index\.js$/,
    code: "export const createGetTransaction = undefined, createWriteTransaction = undefined",
  },
  // Remembers where DynamoDB's endpoints are, which is asked for when it is switched on.
  { ids: /^@aws-sdk\/endpoint-cache$/, code: "export class EndpointCache {}" },
  // It would take all that there is.
  {
    ids: /^@aws-sdk\/lib-dynamodb$/,
    importer: /\/electrodb\/src\/client\.js$/,
    code: `export {
      GetCommand, PutCommand, UpdateCommand, DeleteCommand, ScanCommand, QueryCommand,
      BatchGetCommand, BatchWriteCommand, TransactGetCommand, TransactWriteCommand,
    } from $`,
  },
  // ElectroDB looks at each entity's model with it whenever a server starts. All of them are made in tests.
  {
    ids: /^jsonschema$/,
    importer: /\/electrodb\//,
    code: "export class Validator { customFormats = {}; addSchema() {} validate() { return { errors: [] } } }\nValidator.prototype.customFormats = {}",
  },
]

const prefix = "\0lean:"

export const lean: Plugin = {
  name: "lean",
  apply: "build",
  enforce: "pre",
  applyToEnvironment: (environment) => environment.name === "ssr",
  async resolveId(id, importer = "") {
    const index = rules.findIndex((rule) => rule.ids.test(id) && (rule.importer?.test(importer) ?? true))
    if (index < 0) return null
    const found = rules[index]?.code.includes("$") ? await this.resolve(id, importer, { skipSelf: true }) : null
    return `${prefix}${index}:${found?.id ?? ""}`
  },
  load(id) {
    if (!id.startsWith(prefix)) return null
    const [, index, itself] = /^(\d+):(.*)$/.exec(id.slice(prefix.length)) ?? []
    return rules[Number(index)]?.code.replace("$", () => JSON.stringify(itself)) ?? null
  },
}

/** AWS's clients tell services their version, and bring all that their package.json says for that. */
export const versionOnly: Plugin = {
  name: "version-only",
  apply: "build",
  enforce: "pre",
  transform: {
    filter: { id: /@aws-sdk\/[^/]+\/package\.json$/ },
    handler: (code) => `{ "version": ${JSON.stringify(JSON.parse(code).version)} }`,
  },
}

/** SolidStart and Nitro both answer requests with h3, and each would bring its own. */
export const oneServer: Plugin = {
  name: "one-server",
  apply: "build",
  enforce: "pre",
  resolveId(id) {
    if (id !== "h3" && !id.startsWith("h3/")) return null
    if (this.environment.name === "ssr") return { id, external: true }
    return this.environment.name === "nitro" ? this.resolve(id, fileURLToPath(import.meta.resolve("nitro"))) : null
  },
}
