/**
 * Plays a recorded game on a server of its own: the recorded states are written to the game's log, as if its workers
 * sent them again.
 */
import * as Effect from "effect/Effect"
import { Logs } from "../../Log/Log.ts"
import type { RecordedStates } from "../../Protocol/Recording.ts"
import type { GameEvent } from "../Game/GameEvent.ts"
import { codec } from "../Game/GameEventCodec.ts"

interface Replay {
  /** Writes states of cells as one entry of the log. */
  readonly unsafeStates: (states: RecordedStates) => void
  /** Ends the game, as if all workers left. */
  readonly unsafeEnd: () => void
}

export interface ReplayedGame {
  readonly width: number
  readonly height: number
  readonly topology: string
  readonly stateCount: number
}

const NODE = "replay"

/** Begins a game of this size on the log of the game without a name. The log must be in the memory of this process. */
export const begin = Effect.fn("Replay.begin")(function* ({ height, stateCount, topology, width }: ReplayedGame) {
  const logs = yield* Logs
  let epoch = 0
  const log = yield* logs.open<GameEvent>("default", {
    codec,
    reader: {
      entry: (event, position) => {
        if (event.type === "reset") epoch = position
      }
    }
  })
  const cells = width * height
  const count = (connected: number, subscribed: number): void =>
    log.unsafeAppend({
      type: "census",
      node: NODE,
      epoch,
      census: { connected, subscribed, came: cells, broke: 0 }
    })
  log.unsafeAppend({ type: "hello", node: NODE })
  log.unsafeAppend({ type: "reset", request: NODE, width, height, topology, states: stateCount })
  // In two steps, as workers do: the barrier moves one phase with each count.
  count(cells, 0)
  count(cells, cells)
  const replay: Replay = {
    unsafeStates: (columns) => log.unsafeAppend({ type: "columns", epoch, columns }),
    unsafeEnd: () => count(0, 0)
  }
  return replay
})
