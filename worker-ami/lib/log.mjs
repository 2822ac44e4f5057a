// Sends what the machine's own units say to the log group of its stage, with the machine's role, which may do nothing
// else there. Entries of the commands' units are not sent: they belong to the session. Nothing but Node is needed.
import { spawn } from "node:child_process"
import { createHash, createHmac } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"

const {
  AWS_REGION: region = "",
  REMOTE_SWE_LOG_GROUP: logGroupName = "",
  REMOTE_SWE_SESSION_ID: sessionID = "",
  REMOTE_SWE_GENERATION: generation = "",
  REMOTE_SWE_METADATA: metadata = "http://169.254.169.254",
  REMOTE_SWE_LOGS: endpoint = `https://logs.${region}.amazonaws.com`,
  STATE_DIRECTORY: state = ".",
} = process.env

/** What one call takes: 1 MB with 26 bytes around each event, and 10,000 events. */
const limit = { events: 5_000, bytes: 900_000, message: 200_000 }
const pauseMs = 2_000
const units = ["boot", "sudo", "worker", "firewall", "spot", "log"].map((name) => `--unit=remote-swe-${name}.service`)
const logStreamName = `${sessionID}/${generation}`
const cursorFile = `${state}/cursor`

let credentials = { until: 0, id: "", secret: "", token: "" }
let waiting = []
let bytes = 0
let ended = false

const source = spawn("journalctl", ["--follow", "--output=json", "--lines=all", ...units, ...since()], {
  stdio: ["ignore", "pipe", "inherit"],
})
const lines = createInterface(source.stdout)
lines.on("line", receive)
source.on("exit", () => (ended = true))
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => source.kill())

await call("CreateLogStream", { logGroupName, logStreamName }, ["ResourceAlreadyExistsException"])
while (!ended || waiting.length > 0) {
  await send()
  if (!ended) await sleep(pauseMs)
}

/** From where the last call ended; on a new machine from the beginning. */
function since() {
  try {
    return [`--after-cursor=${readFileSync(cursorFile, "utf8").trim()}`]
  } catch (error) {
    if (error.code === "ENOENT") return []
    throw error
  }
}

function receive(line) {
  const entry = JSON.parse(line)
  // journalctl gives bytes that are no text as a list.
  const text = typeof entry.MESSAGE === "string" ? entry.MESSAGE : Buffer.from(entry.MESSAGE ?? []).toString()
  const message = `${entry._SYSTEMD_UNIT ?? entry.SYSLOG_IDENTIFIER ?? ""} ${text.slice(0, limit.message)}`.trim()
  waiting.push({ timestamp: Math.floor(Number(entry.__REALTIME_TIMESTAMP) / 1000), message, cursor: entry.__CURSOR })
  bytes += Buffer.byteLength(message)
  if (bytes > limit.bytes * 8) lines.pause()
}

async function send() {
  while (waiting.length > 0) {
    const batch = take()
    const logEvents = batch.map(({ timestamp, message }) => ({ timestamp, message }))
    logEvents.sort((a, b) => a.timestamp - b.timestamp)
    await call("PutLogEvents", { logGroupName, logStreamName, logEvents })
    waiting = waiting.slice(batch.length)
    bytes = waiting.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0)
    writeFileSync(cursorFile, batch.at(-1).cursor)
    lines.resume()
  }
}

function take() {
  let size = 0
  const end = waiting.findIndex(({ message }, index) => {
    size += Buffer.byteLength(message) + 26
    return index > 0 && (index >= limit.events || size > limit.bytes)
  })
  return end === -1 ? [...waiting] : waiting.slice(0, end)
}

/** Asks until it is answered: the journal keeps what waits. What is refused for good ends the program. */
async function call(action, body, fine = []) {
  for (let attempt = 0; ; attempt++) {
    const answer = await once(action, body).catch((error) => ({ status: 0, text: String(error) }))
    if (answer.status === 200 || fine.some((name) => answer.text.includes(name))) return
    const passing = answer.status === 0 || answer.status === 429 || answer.status >= 500 || /Throttl/.test(answer.text)
    if (!passing) throw new Error(`${action}: ${answer.status} ${answer.text.slice(0, 500)}`)
    await sleep(Math.min(60_000, 1_000 * 2 ** attempt))
  }
}

async function once(action, body) {
  const { id, secret, token } = await identity()
  const url = new URL(endpoint)
  const payload = JSON.stringify(body)
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "")
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    host: url.host,
    "x-amz-date": date,
    "x-amz-security-token": token,
    "x-amz-target": `Logs_20140328.${action}`,
  }
  const names = Object.keys(headers).join(";")
  const list = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
  const asked = ["POST", "/", "", list.join(""), names, hash(payload)].join("\n")
  const scope = `${date.slice(0, 8)}/${region}/logs/aws4_request`
  const key = scope.split("/").reduce((key, part) => hmac(key, part), `AWS4${secret}`)
  const signature = hmac(key, ["AWS4-HMAC-SHA256", date, scope, hash(asked)].join("\n")).toString("hex")
  const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${signature}`
  const { host: _, ...sent } = headers
  const response = await fetch(url, {
    method: "POST",
    headers: { ...sent, authorization },
    body: payload,
    signal: AbortSignal.timeout(20_000),
  })
  return { status: response.status, text: await response.text() }
}

/** The role's, from the metadata address; asked for again five minutes before they end. */
async function identity() {
  if (Date.now() < credentials.until - 300_000) return credentials
  const signal = AbortSignal.timeout(5_000)
  const lifetime = { "x-aws-ec2-metadata-token-ttl-seconds": "300" }
  const asked = await fetch(`${metadata}/latest/api/token`, { method: "PUT", headers: lifetime, signal })
  const headers = { "x-aws-ec2-metadata-token": await asked.text() }
  const place = `${metadata}/latest/meta-data/iam/security-credentials/`
  const role = (await (await fetch(place, { headers, signal })).text()).trim()
  const found = await (await fetch(`${place}${role}`, { headers, signal })).json()
  const { AccessKeyId: id, SecretAccessKey: secret, Token: token } = found
  credentials = { id, secret, token, until: Date.parse(found.Expiration) }
  return credentials
}

function hash(text) {
  return createHash("sha256").update(text).digest("hex")
}

function hmac(key, text) {
  return createHmac("sha256", key).update(text).digest()
}
