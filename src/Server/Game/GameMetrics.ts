/** The metrics of a game: the counts of the relay and the startup barrier, published with the server's metrics. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { counter, family, gauge } from "../Operations/MetricFamily.ts"
import { Metrics, messagesSent } from "../Operations/Metrics.ts"
import { Game } from "./Game.ts"
import { Relay } from "./Relay.ts"
import { StartupBarrier } from "./StartupBarrier.ts"

const relayedMessages = counter("relayed_messages", "State messages received from workers")
const deliveriesTotal = counter("deliveries", "State messages delivered to subscribers and watchers")
const gridCells = gauge("grid_cells", "Cells of all games")
const barrierPhase = family(gauge("barrier_phase", "Games that are in each phase"), "phase")
const barrierWorkers = family(
  gauge(
    "barrier_workers",
    "Workers that the games need, that are connected to this node, and that have subscribed here"
  ),
  "state"
)

const nodesGauge = gauge("nodes", "Nodes that take part in the game, including this one")
const logConnected = gauge("log_connected", "1 while the engine that keeps the game can be reached")
const logBehind = gauge("log_behind_seconds", "How long this node has been behind the end of the log")
const logPending = gauge("log_pending_entries", "Entries of this node that have not come back from the log")
const logPendingBytes = gauge("log_pending_bytes", "Bytes of entries that have not come back from the log")

/** Publishes the metrics of a game. They are summed over all games. */
export const layer: Layer.Layer<never, never, Game | Metrics | Relay | StartupBarrier> = Layer.scopedDiscard(
  Effect.gen(function* () {
    const game = yield* Game
    const relay = yield* Relay
    const barrier = yield* StartupBarrier
    const metrics = yield* Metrics
    yield* metrics.publish(() => {
      const deliveries = relay.unsafeDeliveries()
      const { height, width } = relay.unsafeGrid()
      const { expected, phase } = barrier.unsafeState()
      // This node's workers: those of all nodes add up.
      const { connected, subscribed } = barrier.unsafeCensus()
      const { pending, pendingBytes } = game.unsafeHealth()
      return [
        [logPending, pending],
        [logPendingBytes, pendingBytes],
        // The relay makes a message's frame once, so the reactor does not count its deliveries.
        [messagesSent, deliveries],
        [relayedMessages, game.unsafePublished()],
        [deliveriesTotal, deliveries],
        [gridCells, width * height],
        [barrierPhase("connecting"), phase === "connecting" ? 1 : 0],
        [barrierPhase("subscribing"), phase === "subscribing" ? 1 : 0],
        [barrierPhase("running"), phase === "running" ? 1 : 0],
        [barrierWorkers("expected"), expected],
        [barrierWorkers("connected"), connected],
        [barrierWorkers("subscribed"), subscribed]
      ]
    })
  })
)

/** Publishes the metrics of the node, from the log of the game without a name. */
export const layerNode: Layer.Layer<never, never, Game | Metrics> = Layer.scopedDiscard(
  Effect.gen(function* () {
    const game = yield* Game
    const metrics = yield* Metrics
    yield* metrics.publish(() => {
      const { behind, connected } = game.unsafeHealth()
      return [
        [nodesGauge, game.unsafeProcesses().length],
        [logConnected, connected ? 1 : 0],
        [logBehind, behind / 1000]
      ]
    })
  })
)
