/**
 * Protocol 0: the text messages of workers, watchers and resets, as they have been since 2013. `docs/protocol.md`
 * describes the conversation. Parsers never throw, and accept only what the functions here write: decimal numbers
 * without sign and leading zeros, separated by single spaces.
 */

/** The server sends it when a worker must subscribe, and the worker sends it when it has subscribed. */
export const SUB = "sub"
/** The server sends it to each worker when all have subscribed. */
export const RUN = "run"

/** A cell's state at a step: 0 or 1, or up to 254 if the reset allowed more than two states. */
export interface StateMessage {
  readonly step: number
  readonly row: number
  readonly col: number
  readonly state: number
}

/** The highest step and coordinate: 2^30 - 1, a small integer of V8 with room for arithmetic. */
export const MAX_NUMBER = 0x3fffffff

/** The most states that the cells of a game may have. Golly allows one more; here 255 marks a cell that has published no state. */
export const MAX_STATES = 255

const SPACE = 32
const ZERO = 48

/** Reads numbers from a text. V8 does not allocate it on the heap, so it costs no more than a variable. */
class Numbers {
  readonly #text: string | Uint8Array
  readonly #textEnd: number
  /** The end of the number that was read last. */
  end = 0

  constructor(text: string | Uint8Array, textEnd: number) {
    this.#text = text
    this.#textEnd = textEnd
  }

  /** The character at `at`; NaN past the end. */
  #at(at: number): number {
    if (at >= this.#textEnd) return Number.NaN
    return typeof this.#text === "string" ? this.#text.charCodeAt(at) : this.#text[at]!
  }

  /** Reads the number at `at`; -1 if there is none. */
  read(at: number): number {
    let value = this.#at(at) - ZERO
    // Past the end `value` is NaN, which fails the comparison too.
    if (!(value >= 0 && value <= 9)) return -1
    let next = at + 1
    if (value > 0) {
      for (;;) {
        const digit = this.#at(next) - ZERO
        if (!(digit >= 0 && digit <= 9)) break
        value = value * 10 + digit
        if (value > MAX_NUMBER) return -1
        next++
      }
    }
    this.end = next
    return value
  }

  /** Reads the number after one space; -1 if there is none. */
  readNext(): number {
    return this.#at(this.end) === SPACE ? this.read(this.end + 1) : -1
  }
}

/**
 * Parses `<step> <row> <col> <state>` in a game with `stateCount` states; `undefined` if the text is anything else. The text
 * may be ASCII bytes, of which those from `start` to `end` are the message.
 */
export const parseState = (
  text: string | Uint8Array,
  stateCount = 2,
  start = 0,
  end = text.length
): StateMessage | undefined => {
  const numbers = new Numbers(text, end)
  const step = numbers.read(start)
  if (step < 0) return undefined
  const row = numbers.readNext()
  if (row < 0) return undefined
  const col = numbers.readNext()
  if (col < 0) return undefined
  const state = numbers.readNext()
  if (state < 0 || state >= stateCount || numbers.end !== end) return undefined
  return { step, row, col, state }
}

export const formatState = (step: number, row: number, col: number, state: number): string =>
  `${step} ${row} ${col} ${state}`

/** Parses `<row> <col>`, the cell of a subscription; `undefined` if the text is anything else. */
export const parseSubscription = (text: string): { readonly row: number; readonly col: number } | undefined => {
  const numbers = new Numbers(text, text.length)
  const row = numbers.read(0)
  if (row < 0) return undefined
  const col = numbers.readNext()
  return col < 0 || numbers.end !== text.length ? undefined : { row, col }
}

export const formatSubscription = (row: number, col: number): string => `${row} ${col}`

/** The content of a reset. The server only passes the topology on to watchers. */
export interface Reset {
  readonly width: number
  readonly height: number
  readonly topology: string
  readonly stateCount: number
}

/** Stands for no topology, because the number of states must follow one. */
const NO_TOPOLOGY = "-"

/**
 * Parses a reset: `<size>`, as in the original of 2013, or `<width> <height>`, `<width> <height> <topology>` or
 * `<width> <height> <topology> <states>`. `undefined` if the text is anything else. The number of states is not
 * checked.
 */
export const parseReset = (text: string): Reset | undefined => {
  const match = /^([1-9]\d{0,14})(?: ([1-9]\d{0,14})(?: ([!-~]{1,40})(?: ([1-9]\d{0,14}))?)?)?$/.exec(text)
  if (match === null) return undefined
  const [, width, height = width, topology = "", states] = match
  return {
    width: Number(width),
    height: Number(height),
    topology: states !== undefined && topology === NO_TOPOLOGY ? "" : topology,
    stateCount: Number(states ?? 2)
  }
}

export const formatReset = ({ height, stateCount, topology, width }: Reset): string => {
  if (stateCount > 2) return `${width} ${height} ${topology === "" ? NO_TOPOLOGY : topology} ${stateCount}`
  if (topology !== "") return `${width} ${height} ${topology}`
  return width === height ? `${width}` : `${width} ${height}`
}
