// The arrows between the parts. Each rule is proven by a deliberate violation in scripts/check/arrows.test.ts.

const siblings = "(?:packages/(?:functions|slack|worker|action|cli)|web)"
/** What core offers that runs in a browser and on a worker: no AWS, no ElectroDB, no link. */
const pure = [
  "^packages/core/src/(?:.+/|)schema[.]ts$",
  "^packages/core/src/client/",
  "^packages/core/src/util/",
  "^packages/core/src/(?:error|event|identifier|logger)[.]ts$",
  "^packages/core/src/egress/decide[.]ts$",
  "^packages/core/src/log/history[.]ts$",
  "^packages/core/src/schedule/",
  "^packages/core/src/session/fold[.]ts$",
  "^packages/core/src/realtime/topic[.]ts$",
]
/** What of core has no effects at all. */
const words = [
  "^packages/core/src/(?:.+/|)schema[.]ts$",
  "^packages/core/src/(?:error|identifier)[.]ts$",
  "^packages/core/src/log/history[.]ts$",
]
const aws = "(?:^|/)node_modules/@(?:aws-sdk|smithy)/"
const electrodb = "(?:^|/)node_modules/electrodb/"

export default {
  forbidden: [
    {
      name: "parts-do-not-import-each-other",
      comment:
        "What two parts need moves to core. Only the local cloud wires them together. " +
        "The tests of the worker's runner talk to the real API, which is its only outside.",
      severity: "error",
      from: { path: `^(${siblings})/`, pathNot: "^packages/worker/test/runner/" },
      to: { path: `^${siblings}/`, pathNot: "^$1/" },
    },
    {
      name: "nothing-imports-the-local-cloud",
      severity: "error",
      from: { pathNot: "^packages/local/" },
      to: { path: "^packages/local/" },
    },
    {
      name: "core-imports-no-other-part",
      severity: "error",
      from: { path: "^packages/core/" },
      to: { path: "^(?:packages/(?!core/)|web/|infra/)" },
    },
    {
      name: "core-knows-no-web-framework",
      comment: "Clients of Slack and GitHub live in core; Bolt and Hono do not.",
      severity: "error",
      from: { path: "^packages/core/src/" },
      to: { path: "(?:^|/)node_modules/(?:hono|@hono/[^/]+|hono-openapi|@slack/bolt|solid-js|@solidjs/[^/]+)/" },
    },
    {
      name: "electrodb-in-entities-only",
      comment: "Only entity.ts files and core/dynamo know keys and indexes.",
      severity: "error",
      from: { pathNot: "^packages/core/src/(?:dynamo/|.+/entity[.]ts$)" },
      to: { path: electrodb },
    },
    {
      name: "an-entity-belongs-to-its-domain",
      comment: "Other domains ask its index.ts.",
      severity: "error",
      from: { path: "^packages/core/src/([^/]+)/" },
      to: { path: "^packages/core/src/.+/entity[.]ts$", pathNot: "^packages/core/src/$1/" },
    },
    {
      name: "entities-stay-in-core",
      severity: "error",
      from: { pathNot: "^packages/core/" },
      to: { path: "^packages/core/src/.+/entity[.]ts$" },
    },
    {
      name: "only-core-calls-aws",
      comment:
        "Data goes through core's domains. The exceptions are the model adapter for Bedrock, and how a worker " +
        "proves with its machine's role what it is.",
      severity: "error",
      from: { path: `^${siblings}/src/`, pathNot: "^packages/worker/src/(?:identity[.]ts$|model/bedrock(?:[.]ts$|/))" },
      to: { path: aws },
    },
    {
      name: "schema-is-pure",
      comment: "Schemas run in browsers: valibot, event.ts, identifier.ts and other schemas.",
      severity: "error",
      from: { path: "^packages/core/src/(?:.+/|)schema[.]ts$" },
      to: {
        pathNot: [
          "(?:^|/)node_modules/valibot/",
          "^packages/core/src/(?:event|identifier)[.]ts$",
          "^packages/core/src/(?:.+/|)schema[.]ts$",
        ],
      },
    },
    {
      name: "browser-safe-means-no-aws",
      comment: "What core offers to browsers and workers must not reach AWS, ElectroDB or links, however far.",
      severity: "error",
      from: { path: pure },
      to: { path: [aws, electrodb, "(?:^|/)node_modules/sst/"], reachable: true },
    },
    {
      name: "a-domain-has-one-door",
      comment: "A domain imports another's index.ts, or what core's package.json exports.",
      severity: "error",
      from: { path: "^packages/core/src/([^/]+)/" },
      to: {
        path: "^packages/core/src/[^/]+/",
        pathNot: [
          "^packages/core/src/$1/",
          "^packages/core/src/[^/]+/(?:index|schema)[.]ts$",
          "^packages/core/src/dynamo/",
          ...pure,
        ],
      },
    },
    {
      name: "no-cycle",
      comment: "A cycle means a missing event or a missing third domain. A file may name itself (export * as X).",
      severity: "error",
      from: { path: "^(.+)$" },
      to: { circular: true, pathNot: "^$1$", viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "worker-reaches-core-over-http",
      comment: "The worker, the action and the command line use core's schemas and client, never its domains.",
      severity: "error",
      from: { path: "^packages/(?:worker|action|cli)/src/" },
      to: { path: "^packages/core/", pathNot: pure },
    },
    {
      name: "worker-never-reaches-electrodb",
      severity: "error",
      from: { path: "^packages/(?:worker|action|cli)/src/" },
      to: { path: electrodb, reachable: true },
    },
    {
      name: "the-agent-knows-neither-core-nor-aws",
      comment: "The loop is told, it does not fetch: of core it sees words (schemas, ids, errors, the history).",
      severity: "error",
      from: { path: "^packages/worker/src/agent/" },
      to: { path: ["^packages/core/", aws], pathNot: words, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "the-runner-is-the-only-bridge",
      comment: "Between the loop and the log: the runner and its files at the top of the worker.",
      severity: "error",
      from: { path: "^packages/worker/src/[^/]+/", pathNot: "^packages/worker/src/agent/" },
      to: { path: "^packages/worker/src/agent/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "client-code-of-the-dashboard-uses-schemas",
      comment: "Components and contexts run in the browser; context/auth.ts is marked server-only.",
      severity: "error",
      from: { path: "^web/src/(?:component|context|i18n)/", pathNot: "^web/src/context/auth[.]ts$" },
      to: { path: "^packages/core/", pathNot: pure, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "infra-imports-infra",
      comment:
        "Handlers are paths as strings; the table and Bedrock's names are plain data, and keys and hosts are read one way.",
      severity: "error",
      from: { path: "^(?:infra/|sst[.]config[.]ts$)" },
      to: {
        path: "^(?:packages/|web/)",
        pathNot: "^packages/core/src/(?:dynamo/table|egress/schema|github/key|identifier|model/bedrock)[.]ts$",
      },
    },
    {
      name: "packages-import-no-infra",
      severity: "error",
      from: { path: "^(?:packages|web)/" },
      to: { path: "^infra/" },
    },
    {
      name: "sources-import-no-tests",
      severity: "error",
      from: { path: "^(?:packages/[^/]+|web)/src/" },
      to: { path: "^(?:packages/[^/]+|web)/(?:test|bench)/" },
    },
    {
      name: "resolvable",
      comment: "Also what package.json#exports refuses.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^(?:virtual:|server-only$)" },
    },
    {
      name: "declared-dependencies",
      severity: "error",
      from: { path: "^(?:packages/[^/]+|web)/src/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "npm-dev"], pathNot: "node_modules/@types/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(?:^|/)(?:[.]output|[.]nitro|[.]sst|[.]cache|dist|packages/local/sample)/" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      mainFields: ["module", "main", "types"],
    },
  },
}
