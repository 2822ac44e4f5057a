/** Where the log of a session's newest machine is, in the console's log group at `groupURL`. */
export function machineLogURL(groupURL: string, { id, generation }: { id: string; generation: number }) {
  // As the console has it behind its #: encoded twice, with another sign for the second time.
  const stream = encodeURIComponent(encodeURIComponent(`${id}/${generation}`)).replaceAll("%", "$")
  return `${groupURL}/log-events/${stream}`
}
