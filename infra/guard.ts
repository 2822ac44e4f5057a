import { originKeyHash } from "./router.ts"

/**
 * A function's own address is open to the world and stands beside the firewall. So what stands behind the
 * router answers only to requests that carry the router's key, which the function knows by its hash.
 * `sst dev` leaves it out.
 */

const declarations = `outer:
import { createHash, timingSafeEqual } from "node:crypto";
const wanted = Buffer.from(process.env.ORIGIN_KEY_HASH, "hex");
function admit(event) {
  const given = event?.headers?.["x-origin-key"];
  if (typeof given !== "string") return false;
  delete event.headers["x-origin-key"];
  return timingSafeEqual(createHash("sha256").update(given).digest(), wanted);
}
function refuse(stream) {
  const statusCode = 403;
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  const body = JSON.stringify({ code: "request.foreign", message: "Use the address of the dashboard" });
  if (!stream) return { statusCode, headers, body };
  const out = awslambda.HttpResponseStream.from(stream, { statusCode, headers });
  out.end(body);
}`

const check = `if (!admit(event)) return refuse(typeof responseStream === "undefined" ? undefined : responseStream);`

/**
 * SST's wrapper loads the handler with the first request. While an instance starts Lambda gives it more
 * of a processor than later, so it is loaded then.
 */
const load = (file: string) => `outer:await import("./${file}");`

function stand(args: sst.aws.FunctionArgs, file: string) {
  args.injections = $util.output(args.injections).apply((list) => [...(list ?? []), load(file), declarations, check])
  args.environment = $util
    .all([args.environment ?? {}, originKeyHash])
    .apply(([environment, hash]) => ({ ...environment, ORIGIN_KEY_HASH: hash }))
}

/** For the dashboard's server, which SolidStart bundles. */
export function guard(args: sst.aws.FunctionArgs) {
  stand(args, "index.mjs")
  return undefined
}

/** The same for a function that SST bundles. */
export function guarded(args: sst.aws.FunctionArgs) {
  stand(args, "bundle.mjs")
  return args
}
