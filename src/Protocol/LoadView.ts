/**
 * The messages between the load tester and the page that shows a run. Messages are JSON texts. Requests
 * are read by hand, not by a schema, since the page that shares this module should stay small.
 */

/** A run begins; what was shown of another is over. */
export interface LoadStart {
  readonly type: "start"
  readonly urls: ReadonlyArray<string>
  /** The plan of the run, in one line. */
  readonly plan: string
  /** The quantity that the page can change. */
  readonly steers: "clients" | "rate"
}

/** The state of the run, sent several times a second. */
export interface LoadState {
  readonly type: "state"
  readonly phase: "connecting" | "loading" | "stopping" | "ended"
  /** Milliseconds since the start. */
  readonly elapsed: number
  /** The value of the quantity that is steered: clients, or messages a second. */
  readonly load: number
  readonly waiting: number
  readonly connecting: number
  readonly open: number
  readonly completed: number
  readonly failed: number
  readonly sent: number
  readonly received: number
  readonly failures: ReadonlyArray<{
    readonly cause: string
    readonly kind: string
    readonly count: number
    readonly example: string
  }>
  readonly thresholds: ReadonlyArray<{ readonly text: string; readonly value: string; readonly passed: boolean }>
}

/** Seconds that have passed: to a page that comes late, all of them. */
interface LoadMoments<Moment> {
  readonly type: "moments"
  readonly moments: ReadonlyArray<Moment>
}

/** To the page that asked: what it asked for was done or refused, and each state from now on tells of it. One for each request. */
interface LoadHeard {
  readonly type: "heard"
}

export type LoadNews<Moment> = LoadStart | LoadState | LoadMoments<Moment> | LoadHeard

export type LoadRequest =
  /** Open no more connections, and let the conversations at hand come to their end. */
  | { readonly type: "stop" }
  /** End all conversations now. */
  | { readonly type: "abort" }
  | { readonly type: "steer"; readonly load: number }

const MOST = 1e7
const LONGEST = 1000

/** Undefined when the text is no request. */
export const parseLoadRequest = (text: string): LoadRequest | undefined => {
  try {
    const value: unknown = text.length > LONGEST ? undefined : JSON.parse(text)
    if (typeof value !== "object" || value === null || !("type" in value)) return undefined
    if (value.type === "stop" || value.type === "abort") return { type: value.type }
    if (value.type !== "steer" || !("load" in value) || typeof value.load !== "number") return undefined
    return value.load > 0 && value.load <= MOST ? { type: "steer", load: value.load } : undefined
  } catch {
    return undefined
  }
}
