import { create } from "./consumer.ts"

export const handler = create()
