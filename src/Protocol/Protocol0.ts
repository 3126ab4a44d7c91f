/**
 * Protocol 0: the text messages of workers, watchers and resets, as they have been since 2013. `docs/protocol.md` has
 * the conversation. Parsers never throw, and accept only what the writers here make: decimal numbers without sign or
 * leading zeros, divided by single spaces.
 */

/** What the server tells a worker when its turn has come to subscribe, and what the worker says when it has. */
export const SUB = "sub"
/** What the server tells a worker when all have subscribed. */
export const RUN = "run"

/** A cell's state (0 or 1) at a step. */
export interface StateMessage {
  step: number
  row: number
  col: number
  state: 0 | 1
}

/** The highest step and coordinate: what fits a small integer of V8 with room for arithmetic. */
export const MAX_NUMBER = 0x3fffffff

const SPACE = 32
const ZERO = 48

/** Where the number that was read last ends. */
let end = 0

/** Reads a number at `at`; -1 if there is none. */
const readNumber = (text: string, at: number): number => {
  let value = text.charCodeAt(at) - ZERO
  // NaN, past the end, fails the comparison too.
  if (!(value >= 0 && value <= 9)) return -1
  let next = at + 1
  if (value > 0) {
    for (;;) {
      const digit = text.charCodeAt(next) - ZERO
      if (!(digit >= 0 && digit <= 9)) break
      value = value * 10 + digit
      if (value > MAX_NUMBER) return -1
      next++
    }
  }
  end = next
  return value
}

/** Reads `<step> <row> <col> <state>` into `into`, without allocating; false if the text is something else. */
export const readState = (text: string, into: StateMessage): boolean => {
  const step = readNumber(text, 0)
  if (step < 0 || text.charCodeAt(end) !== SPACE) return false
  const row = readNumber(text, end + 1)
  if (row < 0 || text.charCodeAt(end) !== SPACE) return false
  const col = readNumber(text, end + 1)
  if (col < 0 || text.charCodeAt(end) !== SPACE) return false
  const state = text.charCodeAt(end + 1) - ZERO
  if ((state !== 0 && state !== 1) || text.length !== end + 2) return false
  into.step = step
  into.row = row
  into.col = col
  into.state = state
  return true
}

export const formatState = (step: number, row: number, col: number, state: number): string =>
  `${step} ${row} ${col} ${state}`

/** The cell that `<row> <col>` subscribes to. */
export const parseSubscription = (text: string): { readonly row: number; readonly col: number } | undefined => {
  const row = readNumber(text, 0)
  if (row < 0 || text.charCodeAt(end) !== SPACE) return undefined
  const col = readNumber(text, end + 1)
  return col < 0 || end !== text.length ? undefined : { row, col }
}

export const formatSubscription = (row: number, col: number): string => `${row} ${col}`

/** What a reset asks for: a grid of `width` columns and `height` rows; the topology is for watchers to see. */
export interface Reset {
  readonly width: number
  readonly height: number
  readonly topology: string
}

/** `<size>`; or, beyond what the original knew, `<width> <height>` or `<width> <height> <topology>`. */
export const parseReset = (text: string): Reset | undefined => {
  const match = /^([1-9]\d{0,14})(?: ([1-9]\d{0,14})(?: ([!-~]{1,40}))?)?$/.exec(text)
  if (match === null) return undefined
  const width = Number(match[1])
  return { width, height: match[2] === undefined ? width : Number(match[2]), topology: match[3] ?? "" }
}

export const formatReset = ({ width, height, topology }: Reset): string => {
  if (topology !== "") return `${width} ${height} ${topology}`
  return width === height ? `${width}` : `${width} ${height}`
}
