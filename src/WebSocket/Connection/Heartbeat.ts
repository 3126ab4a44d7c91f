/**
 * Finds peers that are gone without having closed. A peer that sent nothing for a round is pinged, and its connection
 * is terminated if nothing comes in the next round either. A peer whose reading is paused is pinged too: its answer is
 * not seen, but a write to a socket that is gone fails.
 *
 * One timer serves all connections. It ticks several times in a round, each time for a part of the connections: ten
 * thousand pings at once would delay everything else for as long as ten thousand writes take.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"

/** The part of a connection that the heartbeat uses. */
export interface Peer {
  readonly id: number
  /** Whether anything was received since the heartbeat cleared this flag. */
  alive: boolean
  /** Whether reading is paused, so that the peer's silence means nothing. */
  readonly isPaused: boolean
  readonly ping: () => void
  readonly terminate: (reason: string) => void
}

/** All peers to check. Iterated with `forEach`, as an iterator would make an object for each peer at every tick. */
export interface Peers {
  readonly forEach: (f: (peer: Peer) => void) => void
}

/** The close reason of a peer that answers no pings. */
const SILENT = "no answer to a ping"

/** The most ticks of a round, and the fewest milliseconds between two ticks. */
const MAX_TICKS = 64
const MIN_TICK = 20

/** Checks the peers in rounds of `milliseconds`, until the scope closes. */
export const start = (peers: Peers, milliseconds: number): Effect.Effect<unknown, never, Scope.Scope> => {
  const ticks = Math.max(1, Math.min(MAX_TICKS, Math.floor(milliseconds / MIN_TICK)))
  const pinged = new WeakSet<Peer>()
  let now = 0

  const beat = (peer: Peer): void => {
    if (peer.alive) pinged.delete(peer)
    else if (peer.isPaused) {
      pinged.delete(peer)
      peer.ping()
    } else if (pinged.has(peer)) peer.terminate(SILENT)
    else {
      pinged.add(peer)
      peer.ping()
    }
    peer.alive = false
  }

  // A peer's tick depends on its id and not on its position, so it has a whole round to answer, whichever peers come or
  // go.
  const beatInTurn = (peer: Peer): void => {
    if (peer.id % ticks === now) beat(peer)
  }

  const tick = Effect.sync(() => {
    peers.forEach(beatInTurn)
    now = (now + 1) % ticks
  })
  const time = milliseconds / ticks
  return Effect.forkScoped(Effect.delay(Effect.repeat(tick, Schedule.spaced(time)), time))
}
