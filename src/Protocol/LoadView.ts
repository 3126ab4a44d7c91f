/** The JSON messages of the load tester and its page. Requests are parsed by hand, so that the page stays small. */

/** A run begins. The page clears what it showed of another run. */
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
  /** The value of the quantity that the page can change: clients, or messages in a second. */
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

/** The measured seconds. A page that connects late gets all earlier ones at once. */
interface LoadMoments<Moment> {
  readonly type: "moments"
  readonly moments: ReadonlyArray<Moment>
}

/** Sent once to the page of each request, which was carried out or refused: the next state shows the result. */
interface LoadAnswered {
  readonly type: "answered"
}

export type LoadNews<Moment> = LoadStart | LoadState | LoadMoments<Moment> | LoadAnswered

export type LoadRequest =
  /** Opens no more connections, and lets the present conversations finish. */
  | { readonly type: "stop" }
  /** Ends all conversations now. */
  | { readonly type: "abort" }
  | { readonly type: "steer"; readonly load: number }

/** The highest load that a page can ask for. */
export const MAX_LOAD = 1e7
const LONGEST = 1000

/** Parses a request; `undefined` if the text is not a valid one. */
export const parseLoadRequest = (text: string): LoadRequest | undefined => {
  try {
    const value: unknown = text.length > LONGEST ? undefined : JSON.parse(text)
    if (typeof value !== "object" || value === null || !("type" in value)) return undefined
    if (value.type === "stop" || value.type === "abort") return { type: value.type }
    if (value.type !== "steer" || !("load" in value) || typeof value.load !== "number") return undefined
    return value.load > 0 && value.load <= MAX_LOAD ? { type: "steer", load: value.load } : undefined
  } catch {
    return undefined
  }
}
