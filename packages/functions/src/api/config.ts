/** `sst dev` runs functions elsewhere, where answers cannot stream. */
export const isLive = process.env["SST_LIVE"] !== undefined
