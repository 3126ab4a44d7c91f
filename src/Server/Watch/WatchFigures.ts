/**
 * The figures of a game, as watchers get them. They are numbered, so that a watcher's cursor has the number of those
 * that it knows.
 */
import { encodeStatus } from "../../Protocol/WatchEncoder.ts"
import type { WatchState } from "./WatchState.ts"

/** The least milliseconds between two updates of the figures, unless the phase or the game changes. */
const interval = 100

/** Milliseconds after which figures are sent even if nothing changed, so that a page notices a dead connection. */
const heartbeat = 5_000

/** The figures whose change leads to an update. The others change with these, or only with time. */
type Shown = Pick<WatchState, "game" | "phase" | "connected" | "subscribed" | "broken" | "messages" | "deliveries"> & {
  readonly watchers: number
}

export class WatchFigures {
  /** Increases with each update. */
  number = 0
  block: Uint8Array = new Uint8Array(0)
  #shown: Shown | undefined
  #encodedAt = Number.NEGATIVE_INFINITY

  /** Encodes the figures again if that is due at `now`, in milliseconds of a monotonic clock. */
  refresh(state: WatchState, watchers: number, now: number): void {
    if (!this.#isDue(state, watchers, now - this.#encodedAt)) return
    const { broken, connected, deliveries, game, messages, phase, subscribed } = state
    this.#shown = { broken, connected, deliveries, game, messages, phase, subscribed, watchers }
    this.#encodedAt = now
    this.number++
    const { births, deaths, latency, population } = state
    this.block = encodeStatus({ ...this.#shown, population, latency, births, deaths, time: now })
  }

  #isDue(state: WatchState, watchers: number, elapsed: number): boolean {
    const shown = this.#shown
    if (shown === undefined || elapsed >= heartbeat) return true
    if (state.game !== shown.game || state.phase !== shown.phase) return true
    if (elapsed < interval) return false
    return (
      state.connected !== shown.connected ||
      state.subscribed !== shown.subscribed ||
      state.broken !== shown.broken ||
      state.messages !== shown.messages ||
      state.deliveries !== shown.deliveries ||
      watchers !== shown.watchers
    )
  }
}
