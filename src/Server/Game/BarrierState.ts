/**
 * The startup barrier as a value. A game starts in two steps: when all workers are connected they are told to
 * subscribe, and when all have subscribed they are told to run. So no message is sent before everyone listens.
 */
export interface BarrierState {
  /** Workers that the game needs. */
  readonly expected: number
  /** Workers that are connected. */
  readonly connected: number
  /** Workers of these that have subscribed. */
  readonly subscribed: number
  /** Workers of a running game whose connection broke, and in whose place none has come. */
  readonly broken: number
  readonly phase: "connecting" | "subscribing" | "running"
}

export const make = (expected: number): BarrierState => ({
  expected,
  connected: 0,
  subscribed: 0,
  broken: 0,
  phase: "connecting"
})

/** A worker connects. */
export const connect = (state: BarrierState): BarrierState => {
  const connected = state.connected + 1
  const complete = state.phase === "connecting" && connected >= state.expected
  const broken = Math.max(0, state.broken - 1)
  return { ...state, connected, broken, phase: complete ? "subscribing" : state.phase }
}

/** A worker that was told to subscribe has done so. */
export const subscribe = (state: BarrierState): BarrierState => {
  const subscribed = state.subscribed + 1
  const complete = state.phase === "subscribing" && subscribed >= state.expected
  return { ...state, subscribed, phase: complete ? "running" : state.phase }
}

/**
 * A worker leaves, in good order or because its connection broke. What has opened stays open: whoever comes in its place
 * gets its turn at once.
 */
export const leave = (state: BarrierState, hadSubscribed: boolean, isBroken = false): BarrierState => ({
  ...state,
  broken: state.broken + (isBroken && state.phase === "running" ? 1 : 0),
  connected: state.connected - 1,
  subscribed: state.subscribed - (hadSubscribed ? 1 : 0)
})
