export { build as default } from "./deployment.ts"
