/** Plays a recorded game on a server of its own: writes its states to the game's log, as if its workers sent them. */
import * as Effect from "effect/Effect"
import { Logs } from "../../Log/Log.ts"
import type { RecordedStates } from "../../Protocol/Recording.ts"
import type { GameEvent } from "../Game/GameEvent.ts"
import { codec } from "../Game/GameEventCodec.ts"
import type { Grid } from "../Game/GameState.ts"

const NODE = "replay"

/** Begins a game of this size on the log of the game without a name. The log must be in the memory of this process. */
export const begin = Effect.fn("Replay.begin")(function* ({ height, stateCount, topology, width }: Grid) {
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
  return {
    /** Writes states of cells as one entry of the log. */
    unsafeStates: (columns: RecordedStates): void => log.unsafeAppend({ type: "columns", epoch, columns }),
    /** Ends the game, as if all workers left. */
    unsafeEnd: (): void => count(0, 0)
  }
})
