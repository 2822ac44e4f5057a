const paths = {
  plus: "M8 3v10M3 8h10",
  stop: "M4.5 4.5h7v7h-7z",
  check: "m3 8.5 3.2 3.2L13 5",
  cross: "m4 4 8 8M12 4l-8 8",
  chevron: "m6 4 4 4-4 4",
  down: "M8 3v10m0 0 4-4m-4 4L4 9",
  back: "m10 4-4 4 4 4",
  send: "M8 13V3m0 0L4 7m4-4 4 4",
  clock: "M8 4.5V8l2.4 1.6M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z",
  clip: "m13 7.5-5 5a3.2 3.2 0 0 1-4.5-4.5l5.3-5.2a2.1 2.1 0 0 1 3 3l-5.2 5.2a1 1 0 0 1-1.5-1.5L9.7 5",
  file: "M4 2.5h5l3 3v8H4zM9 2.5v3h3",
  terminal: "m3 5 3 3-3 3M8.5 11.5H13",
  pencil: "m3 13 .8-3L10.6 3.2l2.2 2.2L6 12.2z",
  eye: "M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8ZM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6Z",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.4 10.4 14 14",
  list: "M6 4h7M6 8h7M6 12h7M3 4h.01M3 8h.01M3 12h.01",
  merge:
    "M4.5 5.5v5M4.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm0 8a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm7 0a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm0-3V6a2 2 0 0 0-2-2H7.6",
  fork: "M4.5 5.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm7 0a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM8 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM4.5 5.5V7a1.5 1.5 0 0 0 1.5 1.5h4A1.5 1.5 0 0 0 11.5 7V5.5M8 8.5v2",
  dots: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  copy: "M5.5 5.5h7v7h-7zM10.5 5.5v-2h-7v7h2",
  wrench: "M13 4.5a3.3 3.3 0 0 1-4.4 4L4.5 12.6 3 11.1 7.4 7A3.3 3.3 0 0 1 11.4 3L9.5 5l1.4 1.4z",
  warning: "M8 6.2v3M8 11.4h.01M8 2.4 14.2 13H1.8z",
  trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9",
  person: "M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8ZM2.8 13.5a5.2 5.2 0 0 1 10.4 0",
  leave: "M6.5 3H3v10h3.5M7 8h6.5m0 0-3-3m3 3-3 3",
  shield: "M8 1.8 13 3.6v4c0 3-2 5.4-5 6.6-3-1.2-5-3.6-5-6.6v-4zM5.8 8h4.4",
  globe: "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0ZM2 8h12M8 2c2 2 2.5 4 2.5 6S10 12 8 14c-2-2-2.5-4-2.5-6S6 4 8 2Z",
} as const

export type IconName = keyof typeof paths

export function Icon(props: { name: IconName; size?: number }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 16 16"
      width={props.size ?? 16}
      height={props.size ?? 16}
      fill="none"
      stroke="currentColor"
      stroke-width={props.name === "dots" ? 2.4 : 1.5}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={paths[props.name]} />
    </svg>
  )
}

/** The mark of the product: a log, and the entry that is being written. */
export function Logo() {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2.2"
      stroke-linecap="round"
      aria-hidden="true"
    >
      <path d="M5 3.5v17M9.5 5.5h9M9.5 11h6" />
      <circle cx="11.5" cy="17.8" r="2.9" class="ember" stroke="none" />
    </svg>
  )
}
