/**
 * What the server tells of itself, in Effect's metrics. What happens to a connection is counted there when it happens
 * (`ConnectionMetrics`); what happens at every message is counted in plain numbers by the relay and the reactor, and is
 * published here when somebody reads: a message costs no metric.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import type * as MetricPair from "effect/MetricPair"
import * as Schedule from "effect/Schedule"
import { Reactor } from "../WebSocket/Reactor.ts"
import * as EventLoopLag from "./EventLoopLag.ts"
import { counter, family, gauge } from "./MetricFamily.ts"
import * as ProcessMetrics from "./ProcessMetrics.ts"
import * as Publication from "./Publication.ts"
import { Relay } from "./Relay.ts"
import { ServerConfig } from "./ServerConfig.ts"
import { StartupBarrier } from "./StartupBarrier.ts"

export class Metrics extends Context.Tag("effect-c10k/Server/Metrics")<
  Metrics,
  {
    /** All metrics of the process as they are now: the server's, Effect's, and those of whatever else runs here. */
    readonly snapshot: Effect.Effect<ReadonlyArray<MetricPair.MetricPair.Untyped>>
  }
>() {
  static readonly layer: Layer.Layer<Metrics, never, Reactor | Relay | StartupBarrier | ServerConfig> = Layer.scoped(
    Metrics,
    Effect.suspend(() => make)
  )
}

/** How old the published numbers are, at most, for those who read Effect's registry by themselves, as exporters do. */
const PERIOD = "10 seconds"

const connectionsLimit = gauge("connections_limit", "WebSockets that there may be")
const queuedBytes = gauge("queued_bytes", "Bytes held for clients that did not read them yet")
const messagesReceived = counter("messages_received", "Messages of all clients")
const messagesSent = counter(
  "messages_sent",
  "Messages sent to clients, deliveries included; not the sub and run of workers"
)
const receivedBytes = counter("received_bytes", "Bytes of frames received")
const sentBytes = counter("sent_bytes", "Bytes of frames sent")
const relayedMessages = counter("relayed_messages", "State messages of workers")
const deliveriesTotal = counter("deliveries", "State messages delivered to subscribers and watchers")
const gridCells = gauge("grid_cells", "Cells of the game")
const barrierPhase = family(gauge("barrier_phase", "1 for the phase that the game is in"), "phase")
const barrierWorkers = family(
  gauge("barrier_workers", "Workers that the game needs, has, and that have subscribed"),
  "state"
)

const make = Effect.gen(function* () {
  const reactor = yield* Reactor
  const relay = yield* Relay
  const barrier = yield* StartupBarrier
  const { maxConnections } = yield* ServerConfig

  const read = (): ReadonlyArray<Publication.Reading> => {
    const { traffic } = reactor
    const { deliveries, messages } = relay.unsafeTotals()
    const { height, width } = relay.unsafeGrid()
    const { connected, expected, phase, subscribed } = barrier.unsafeState()
    let queued = 0
    for (const connection of reactor.connections) queued += connection.queued
    return [
      [connectionsLimit, maxConnections],
      [queuedBytes, queued],
      [messagesReceived, traffic.messagesReceived],
      [messagesSent, traffic.messagesSent + deliveries],
      [receivedBytes, traffic.bytesReceived],
      [sentBytes, traffic.bytesSent],
      [relayedMessages, messages],
      [deliveriesTotal, deliveries],
      [gridCells, width * height],
      [barrierPhase("connecting"), phase === "connecting" ? 1 : 0],
      [barrierPhase("subscribing"), phase === "subscribing" ? 1 : 0],
      [barrierPhase("running"), phase === "running" ? 1 : 0],
      [barrierWorkers("expected"), expected],
      [barrierWorkers("connected"), connected],
      [barrierWorkers("subscribed"), subscribed]
    ]
  }

  const publication = Publication.make()
  const publish = Effect.sync(() => {
    publication.unsafePublish(read())
    ProcessMetrics.unsafePublish()
  })
  yield* EventLoopLag.watch
  yield* Effect.addFinalizer(() => Effect.andThen(publish, Effect.sync(publication.unsafeRetract)))
  yield* Effect.forkScoped(Effect.repeat(publish, Schedule.spaced(PERIOD)))
  return Metrics.of({ snapshot: Effect.zipRight(publish, Metric.snapshot) })
})
