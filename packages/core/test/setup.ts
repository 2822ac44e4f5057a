export { start as default } from "./cloud.ts"
