import { build, isBuilt } from "../../../scripts/build.mjs"

/** The system does not start without its dashboard; how old that is matters to the tests of the browser only. */
export default function setup() {
  if (!isBuilt()) build()
}
