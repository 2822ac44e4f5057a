import { Sorry } from "../component/sorry.tsx"

export default function Missing() {
  return <Sorry error={Object.assign(new Error(), { code: "page.missing" })} />
}
