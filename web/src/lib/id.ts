import { Identifier } from "@remote-swe/core/identifier"

/** The id of an event that this browser is about to write: sent twice, it is written once. */
export const eventID = () => Identifier.create("event")
export const sessionID = () => Identifier.create("session")
export const triggerID = () => Identifier.create("trigger")
