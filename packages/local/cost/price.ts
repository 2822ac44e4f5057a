/**
 * AWS's list prices for us-east-1 in US dollars, before any free tier, as they were known on the day below.
 * Most were compared with public copies of them; those of AppSync, API Gateway, alarms, and of storage and
 * recovery in S3 and DynamoDB were not, nor what leaves for the internet. Each names the page that holds now.
 */
export const compared = "2026-11-22"

const page = {
  cloudfront: "https://aws.amazon.com/cloudfront/pricing/",
  cloudwatch: "https://aws.amazon.com/cloudwatch/pricing/",
  cognito: "https://aws.amazon.com/cognito/pricing/",
  dynamodb: "https://aws.amazon.com/dynamodb/pricing/on-demand/",
  ebs: "https://aws.amazon.com/ebs/pricing/",
  ec2: "https://aws.amazon.com/ec2/pricing/on-demand/",
  iot: "https://aws.amazon.com/iot-core/pricing/",
  lambda: "https://aws.amazon.com/lambda/pricing/",
  s3: "https://aws.amazon.com/s3/pricing/",
  sqs: "https://aws.amazon.com/sqs/pricing/",
  vpc: "https://aws.amazon.com/vpc/pricing/",
  waf: "https://aws.amazon.com/waf/pricing/",
  appsync: "https://aws.amazon.com/appsync/pricing/",
  gateway: "https://aws.amazon.com/api-gateway/pricing/",
} as const

export interface Price {
  usd: number
  /** So many units for `usd`. */
  per: number
  unit: string
  source: string
}

const million = 1_000_000
const monthHours = 730

export const price = {
  machine: { usd: 0.0832, per: 1, unit: "hour of t3.large, Linux, on demand", source: page.ec2 },
  disk: { usd: 0.08, per: monthHours, unit: "GB-month of gp3, of 730 hours", source: page.ebs },
  address: { usd: 0.005, per: 1, unit: "hour of a public IPv4 address", source: page.vpc },
  read: { usd: 0.125, per: million, unit: "million read request units", source: page.dynamodb },
  write: { usd: 0.625, per: million, unit: "million write request units", source: page.dynamodb },
  table: { usd: 0.25, per: 1, unit: "GB-month of the table", source: page.dynamodb },
  recovery: { usd: 0.2, per: 1, unit: "GB-month of point-in-time recovery", source: page.dynamodb },
  message: { usd: 1, per: million, unit: "million messages of 5 KB (IoT Core)", source: page.iot },
  connection: { usd: 0.08, per: million, unit: "million minutes of connection (IoT Core)", source: page.iot },
  invocation: { usd: 0.2, per: million, unit: "million invocations", source: page.lambda },
  duration: { usd: 0.0000133334, per: 1, unit: "GB-second on Arm", source: page.lambda },
  request: { usd: 0.01, per: 10_000, unit: "10,000 HTTPS requests (CloudFront)", source: page.cloudfront },
  edge: { usd: 0.1, per: million, unit: "million runs of the router's function (CloudFront)", source: page.cloudfront },
  out: { usd: 0.09, per: 1, unit: "GB out to the internet (EC2; CloudFront: 0.085)", source: page.ec2 },
  put: { usd: 0.005, per: 1_000, unit: "1,000 PUT, COPY, POST or LIST", source: page.s3 },
  get: { usd: 0.0004, per: 1_000, unit: "1,000 GET and others", source: page.s3 },
  bucket: { usd: 0.023, per: 1, unit: "GB-month of S3 Standard", source: page.s3 },
  queue: { usd: 0.4, per: million, unit: "million requests of 64 KB (SQS)", source: page.sqs },
  log: { usd: 0.5, per: 1, unit: "GB of logs taken in", source: page.cloudwatch },
  alarm: { usd: 0.1, per: 1, unit: "metric of an alarm a month", source: page.cloudwatch },
  panel: { usd: 3, per: 1, unit: "dashboard a month", source: page.cloudwatch },
  firewall: { usd: 5, per: 1, unit: "web ACL a month", source: page.waf },
  rule: { usd: 1, per: 1, unit: "rule of a web ACL a month", source: page.waf },
  inspection: { usd: 0.6, per: million, unit: "million requests (WAF)", source: page.waf },
  person: { usd: 0.015, per: 1, unit: "person who signs in, a month (Cognito Essentials)", source: page.cognito },
  event: { usd: 1, per: million, unit: "million operations (AppSync Events)", source: page.appsync },
  listening: { usd: 0.08, per: million, unit: "million minutes of connection (AppSync Events)", source: page.appsync },
  gateway: { usd: 1, per: million, unit: "million requests (HTTP API)", source: page.gateway },
} as const satisfies Record<string, Price>

export type Name = keyof typeof price

/** What `amount` units come to. */
export const usd = (name: Name, amount: number) => (amount * price[name].usd) / price[name].per
