import { Config } from "./config.ts"
import { isProduction } from "./stage.ts"

/** CloudFront's firewall, over everything behind the router. From 8 USD a month, so small stages go without. */

const { always, ipv4, ipv6, countries, rate } = Config.use().firewall
const hasSlack = Config.use().secret.SlackBotToken
const isListed = ipv4.length + ipv6.length + countries.length > 0
const isOn = !$dev && (always || isProduction || isListed)

/** Firewalls of CloudFront live in one region. */
const provider = isOn
  ? new aws.Provider("FirewallRegion", {
      region: "us-east-1",
      defaultTags: { tags: { "sst:app": $app.name, "sst:stage": $app.stage } },
    })
  : undefined

/**
 * Workers call from addresses of AWS, anywhere. Below this path a session token is asked for in any case,
 * so the lists leave it to that; the other rules hold.
 */
const workerPath = "/api/v1/worker/"
/** Slack, too, calls from anywhere, and nothing works here without its signature. */
const slackPath = "/slack/events"

/** Rules of the managed set that look into bodies: what engineers write looks like an attack. */
const bodyRules = [
  "SizeRestrictions_BODY",
  "CrossSiteScripting_BODY",
  "GenericLFI_BODY",
  "GenericRFI_BODY",
  "EC2MetaDataSSRF_BODY",
]

type Rules = Extract<aws.wafv2.WebAclArgs["rules"], unknown[]>
type Statement = Exclude<
  Extract<Rules[number], { statement: unknown }>["statement"],
  Promise<unknown> | $util.OutputInstance<unknown>
>

export const firewall = isOn ? create() : undefined

function create() {
  const rules = [
    ...addresses(),
    ...(countries.length > 0 ? [closed("Countries", { geoMatchStatement: { countryCodes: countries } })] : []),
    limited(),
    managed("Common", "AWSManagedRulesCommonRuleSet", bodyRules),
    managed("BadInputs", "AWSManagedRulesKnownBadInputsRuleSet", []),
  ]
  return new aws.wafv2.WebAcl(
    "Firewall",
    {
      scope: "CLOUDFRONT",
      defaultAction: { allow: {} },
      rules: rules.map((rule, priority) => ({ ...rule, priority })),
      visibilityConfig: visible("Firewall"),
    },
    { provider },
  )
}

/** One list of both kinds of addresses: a visitor has to be in either. */
function addresses() {
  const sets = [...set("IPV4", ipv4), ...set("IPV6", ipv6)]
  const statements = sets.map((item) => ({ ipSetReferenceStatement: { arn: item.arn } }))
  const [first, second] = statements
  if (!first) return []
  return [closed("Addresses", second ? { orStatement: { statements } } : first)]
}

function set(ipAddressVersion: "IPV4" | "IPV6", list: string[]) {
  if (list.length === 0) return []
  const name = `Allowed${ipAddressVersion}`
  return [new aws.wafv2.IpSet(name, { scope: "CLOUDFRONT", ipAddressVersion, addresses: list }, { provider })]
}

/** Blocks all that `allowed` does not match. */
function closed(name: string, allowed: Statement) {
  const worker = {
    byteMatchStatement: {
      fieldToMatch: { uriPath: {} },
      positionalConstraint: "STARTS_WITH",
      searchString: workerPath,
      // What the API's own reading of a path undoes, so that `/api/v1/worker/..%2f` is nobody's way in.
      textTransformations: [
        { priority: 0, type: "URL_DECODE" },
        { priority: 1, type: "NORMALIZE_PATH_WIN" },
      ],
    },
  }
  const slack = {
    byteMatchStatement: {
      fieldToMatch: { uriPath: {} },
      positionalConstraint: "EXACTLY",
      searchString: slackPath,
      // As it stands: what only becomes this path by being read goes elsewhere.
      textTransformations: [{ priority: 0, type: "NONE" }],
    },
  }
  const passing = [allowed, worker, ...(hasSlack ? [slack] : [])]
  return {
    name,
    action: { block: {} },
    statement: { notStatement: { statements: [{ orStatement: { statements: passing } }] } },
    visibilityConfig: visible(name),
  }
}

function limited() {
  return {
    name: "Rate",
    action: { block: {} },
    statement: { rateBasedStatement: { limit: rate, aggregateKeyType: "IP", evaluationWindowSec: 300 } },
    visibilityConfig: visible("Rate"),
  }
}

function managed(name: string, ruleSet: string, counted: string[]) {
  return {
    name,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: "AWS",
        name: ruleSet,
        ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visible(name),
  }
}

function visible(metricName: string) {
  return { metricName, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: false }
}
