/** Makes the parts of one game on a node: the state, the log, and the node's own connections. */
import type * as Context from "effect/Context"
import { GameLog, type GameLogContext } from "./GameLog.ts"
import { GameNode, type NodeContext } from "./GameNode.ts"
import { GameState } from "./GameState.ts"
import { make as makeRelay, type Relay } from "./Relay.ts"
import { type BarrierContext, make as makeBarrier, type StartupBarrier } from "./StartupBarrier.ts"

export interface PartsContext
  extends Pick<NodeContext, "incomplete" | "maxSubscriptions" | "silent" | "tell">,
    Pick<BarrierContext, "console">,
    Pick<GameLogContext, "later"> {
  /** The name of this node, as people know it. */
  readonly name: string
  readonly isShared: boolean
}

export interface GameParts {
  readonly state: GameState
  readonly log: GameLog
  readonly node: GameNode
  readonly relay: Context.Tag.Service<Relay>
  readonly barrier: Context.Tag.Service<StartupBarrier>
}

/** The log must be opened with `node` as its reader; then `log` must be begun. */
export const make = ({
  console,
  incomplete,
  isShared,
  later,
  maxSubscriptions,
  name,
  silent,
  tell
}: PartsContext): GameParts => {
  const state = new GameState()
  const log = new GameLog({
    name,
    isShared,
    epoch: () => state.epoch,
    census: () => barrier.unsafeCensus(),
    later,
    hold: (isHeld) => node.hold(isHeld)
  })
  const relay = makeRelay(state, (said) => log.say(said))
  const barrier = makeBarrier({ state: () => state.barrier, changed: () => log.count(), console })
  const node = new GameNode({ state, relay, barrier, log, incomplete, maxSubscriptions, silent, tell })
  return { state, log, node, relay, barrier }
}
