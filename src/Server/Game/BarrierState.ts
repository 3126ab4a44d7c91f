/**
 * The startup barrier as a value. A game starts in two steps: when all workers are connected they are told to
 * subscribe, and when all have subscribed they are told to run. So no state is sent before everyone has subscribed.
 */
import type { Phase } from "../../Protocol/WatchProtocol.ts"
import type { Census } from "./GameEvent.ts"

export interface BarrierState {
  readonly expected: number
  /** Workers that are connected, to any node. */
  readonly connected: number
  /** The number of these that have subscribed. */
  readonly subscribed: number
  /** Workers of a running game that lost their connections and were not replaced. */
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

/** The state after a node's counts changed. An open barrier stays open: who replaces a worker gets its turn at once. */
export const count = (state: BarrierState, change: Census): BarrierState => {
  const connected = state.connected + change.connected
  const subscribed = state.subscribed + change.subscribed
  const isRunning = state.phase === "running"
  // A worker may be replaced before its loss is noticed, so there are no more broken ones than missing workers.
  const empty = Math.max(0, state.expected - connected)
  const broken = Math.min(empty, Math.max(0, state.broken + (isRunning ? change.broke : 0) - change.came))
  const phase =
    state.phase === "connecting" && connected >= state.expected
      ? "subscribing"
      : state.phase === "subscribing" && subscribed >= state.expected
        ? "running"
        : state.phase
  return { expected: state.expected, connected, subscribed, broken, phase }
}

/** The phase as watchers are told it: before the first worker a game is not there yet, and after the last one it has ended. */
export const phaseOf = ({ connected, phase }: BarrierState): Phase =>
  connected > 0 ? phase : phase === "running" ? "ended" : phase === "connecting" ? "idle" : phase
