/**
 * Finds peers that are gone without having closed. A peer from which nothing came for a round is pinged, and its
 * connection is given up if nothing has come in the next round. A peer that is not being read is pinged too: its answer is
 * not seen, but a write to a socket that is gone fails.
 *
 * One clock serves all connections. It ticks several times in a round, each time for a part of them: ten thousand pings at
 * once would delay everything else for as long as ten thousand writes take.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"

/** The part of a connection that the heartbeat uses. */
export interface Peer {
  readonly id: number
  /** Whether anything was received since its last turn, which takes it back. */
  alive: boolean
  /** Whether it is not read, so that its silence means nothing. */
  readonly isHeld: boolean
  readonly ping: () => void
  readonly terminate: (reason: string) => void
}

/** All that are to be asked, as an array or a set has them: a tick goes past all of them, and an iterator would make an object for each. */
export interface Peers {
  readonly forEach: (f: (peer: Peer) => void) => void
}

/** The reason with which a peer is given up that answers no pings. */
const SILENT = "no answer to a ping"

/** Ticks of a round at most, and milliseconds between two of them at least. */
const MAX_TICKS = 64
const MIN_TICK = 20

/** Beats until the scope closes, in rounds of `milliseconds`. */
export const start = (peers: Peers, milliseconds: number): Effect.Effect<unknown, never, Scope.Scope> => {
  const ticks = Math.max(1, Math.min(MAX_TICKS, Math.floor(milliseconds / MIN_TICK)))
  const pinged = new WeakSet<Peer>()
  let now = 0

  const beat = (peer: Peer): void => {
    if (peer.alive) pinged.delete(peer)
    else if (peer.isHeld) {
      pinged.delete(peer)
      peer.ping()
    } else if (pinged.has(peer)) peer.terminate(SILENT)
    else {
      pinged.add(peer)
      peer.ping()
    }
    peer.alive = false
  }

  // By number, not by place among the others: whoever comes or goes, a peer has a whole round to answer.
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
