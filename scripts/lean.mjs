/**
 * For bundlers: a server without what one of ours never reaches, which would be more than a third of it.
 * The dashboard's server and the functions are packed with it. Whatever is reached all the same fails at once.
 */

const nothing = "export default {}"
/** A module that gives these names, and nothing under them. */
const names = (...list) => `export const ${list.map((name) => `${name} = undefined`).join(", ")}`

/** `importer`: only there. `$` in `code` stands for the module itself. */
const rules = [
  // What runs in browsers only.
  { ids: /^(?:dompurify|mqtt|highlight\.js)(?:\/|$)/, code: nothing },
  { ids: /^marked$/, code: "export class Marked {}" },
  // Where others than functions and `npm start`, which have them in the environment, look for credentials of AWS.
  { ids: /^@aws-sdk\/credential-provider-(?:http|ini|login|process|sso|web-identity)$/, code: nothing },
  { ids: /^@smithy\/credential-provider-imds$/, code: nothing },
  // What reads services that stream events. We call none, though S3's client could.
  {
    ids: /^@smithy\/core\/event-streams$/,
    code: `export const resolveEventStreamSerdeConfig = (config) => config\n${names("eventStreamSerdeProvider")}`,
  },
  // Hashes in JavaScript, for a Node that was built without its own.
  { ids: /^\.\/Md5Js$/, code: names("Md5Js") },
  { ids: /^\.\/Sha1Js$/, code: names("Sha1Js") },
  { ids: /^\.\/Sha256Js$/, code: names("Sha256Js") },
  // Groups of entities, and transactions over several.
  { ids: /^\.\/src\/service$/, importer: /\/electrodb\/index\.js$/, code: names("Service") },
  {
    ids: /^\.\/src\/transaction$/,
    importer: /\/electrodb\/index\.js$/,
    code: names("createGetTransaction", "createWriteTransaction"),
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
  // ElectroDB holds each entity's model against a schema whenever it starts. Ours are made in every test.
  {
    ids: /^jsonschema$/,
    importer: /\/electrodb\//,
    code: `export class Validator {
      addSchema() {}
      validate() { return { errors: [] } }
    }
    Validator.prototype.customFormats = {}`,
  },
]

const prefix = "\0lean:"

export const lean = {
  name: "lean",
  async resolveId(id, importer = "") {
    const index = rules.findIndex((rule) => rule.ids.test(id) && (rule.importer?.test(importer) ?? true))
    if (index < 0) return null
    const itself = rules[index].code.includes("$") ? await this.resolve(id, importer, { skipSelf: true }) : undefined
    return `${prefix}${index}:${itself?.id ?? ""}`
  },
  load(id) {
    if (!id.startsWith(prefix)) return null
    const [, index, itself] = /^(\d+):(.*)$/.exec(id.slice(prefix.length))
    return rules[Number(index)].code.replace("$", () => JSON.stringify(itself))
  },
}

/** AWS's clients tell services their version, and bring all that their package.json says for that. */
export const versionOnly = {
  name: "version-only",
  transform: {
    filter: { id: /@aws-sdk\/[^/]+\/package\.json$/ },
    handler: (code) => `{ "version": ${JSON.stringify(JSON.parse(code).version)} }`,
  },
}
