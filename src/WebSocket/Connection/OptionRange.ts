/** Checks that the numbers among the options of reactors, servers, endpoints and clients are in their range. */

interface Range {
  readonly accepts: (n: number) => boolean
  readonly expected: string
}

const above0 = (unit: string): Range => ({ accepts: (n) => n > 0, expected: `${unit} above 0; Infinity is no limit` })

const port: Range = {
  accepts: (n) => Number.isInteger(n) && n >= 0 && n <= 65_535,
  expected: "a whole number from 0 to 65535; 0 is any free port"
}

/** The longest time of a timer: 24 days. A longer one would expire at once. */
const MAX_TIMER = 2 ** 31 - 1

const finite: Range = { accepts: (n) => n > 0 && n <= MAX_TIMER, expected: `milliseconds above 0, up to ${MAX_TIMER}` }

const ranges: Readonly<Record<string, Range>> = {
  port,
  localPort: port,
  ownPort: port,
  backlog: { accepts: (n) => Number.isInteger(n) && n > 0, expected: "a whole number of connections above 0" },
  maxPayload: above0("a number of bytes"),
  maxQueued: above0("a number of bytes"),
  maxFragments: above0("a number of frames"),
  maxRate: above0("messages a second"),
  maxPending: above0("a number of connections"),
  maxSockets: above0("a number of connections"),
  maxHeader: { accepts: (n) => Number.isInteger(n) && n > 0, expected: "a whole number of bytes above 0" },
  // Node takes whole numbers only, also for three times as long.
  handshakeTimeout: {
    accepts: (n) => Number.isInteger(n) && n > 0 && n <= MAX_TIMER,
    expected: `a whole number of milliseconds above 0, up to ${MAX_TIMER}`
  },
  answerTimeout: finite,
  timeout: above0("milliseconds"),
  batch: { accepts: (n) => Number.isInteger(n) && n > 0, expected: "a whole number of messages above 0" },
  closeTimeout: finite,
  unreadTimeout: finite,
  messageTimeout: finite,
  heartbeat: {
    accepts: (n) => n >= 0 && n <= MAX_TIMER,
    expected: `milliseconds from 0 to ${MAX_TIMER}; 0 is no heartbeat`
  },
  maxMemory: above0("a number of bytes"),
  drain: { accepts: (n) => n >= 0 && n < Infinity, expected: "milliseconds, 0 or more" }
}

/** Names the first option that is out of its range, and what is expected; `undefined` if all are right. Unknown options pass. */
export const problemOf = (options: object): string | undefined => {
  for (const [name, value] of Object.entries(options)) {
    const range = ranges[name]
    if (range === undefined || value === undefined) continue
    if (typeof value !== "number" || !range.accepts(value))
      return `the option ${name} is ${shown(value)}: expected ${range.expected}`
  }
  return undefined
}

const shown = (value: unknown): string => (typeof value === "number" ? String(value) : JSON.stringify(value))
