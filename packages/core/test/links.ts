import { links } from "./cloud.ts"

await links()
