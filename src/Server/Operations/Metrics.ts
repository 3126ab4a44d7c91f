/**
 * The server's metrics, as metrics of Effect. Events of connections are counted when they happen (`ConnectionMetrics`).
 * Messages are counted by the reactor and the relay in plain numbers, which are added to the metrics when somebody
 * reads them, so a message updates no metric.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import { ServerConfig } from "../ServerConfig.ts"
import * as EventLoopLag from "./EventLoopLag.ts"
import { counter, gauge, noTags } from "./MetricFamily.ts"
import * as PrometheusText from "./PrometheusText.ts"
import { PublishedMetrics, type Reading } from "./PublishedMetrics.ts"
import { residentBytes } from "./ResidentMemory.ts"

export class Metrics extends Context.Tag("effect-c10k/Server/Metrics")<
  Metrics,
  {
    /** All metrics of the process in Prometheus's text format: the server's, Effect's, and those of other code in the process. */
    readonly text: Effect.Effect<string>
    /** Publishes the result of `read` whenever the metrics are read, and every 10 s, until the scope ends. */
    readonly publish: (read: () => ReadonlyArray<Reading>) => Effect.Effect<void, never, Scope.Scope>
  }
>() {
  static readonly layer: Layer.Layer<Metrics, never, Reactor | ServerConfig> = Layer.scoped(
    Metrics,
    Effect.suspend(() => make)
  )
}

/** The greatest age of the published numbers for programs that read Effect's registry themselves, as exporters do. */
const PERIOD = "10 seconds"

const connectionsLimit = gauge("connections_limit", "The most WebSockets at the same time")
const queuedBytes = gauge("queued_bytes", "Bytes held for clients that have not read them yet")
const retainedBytes = gauge("held_bytes", "Bytes held for clients: not sent, not handled, or of unfinished messages")
const memoryLimit = gauge("held_bytes_limit", "The most bytes to hold for all clients together")
const memoryCloses = counter(
  "memory_closes",
  "WebSockets closed because the process held too many bytes, most of them for these"
)
const messagesReceived = counter("messages_received", "Messages received from all clients")
/** A sender that makes one frame for many connections adds its messages here itself. */
export const messagesSent = counter(
  "messages_sent",
  "Messages sent to clients, including deliveries but not the sub and run of workers"
)
const directReads = gauge("direct_reads", "1 if sockets read past their streams, 0 if by them (EFFECT_C10K_DIRECT_IO)")
const directWrites = gauge("direct_writes", "1 if sockets without TLS are written past their streams, 0 if by them")
const receivedBytes = counter("received_bytes", "Bytes of frames received")
const sentBytes = counter("sent_bytes", "Bytes of frames sent")

const cpuTime = Metric.counter("process_cpu_seconds_total", { description: "CPU time in seconds", incremental: true })
const residentMemory = Metric.gauge("process_resident_memory_bytes", { description: "Resident memory in bytes" })
const startTime = Metric.gauge("process_start_time_seconds", { description: "Start, in seconds since 1970" })

/** Publishes the metrics of the process, which are not summed however many servers publish them. Their names are those of Prometheus's own clients. */
const publishProcess = (): void => {
  const { system, user } = process.cpuUsage()
  cpuTime.unsafeUpdate((system + user) / 1e6 - cpuTime.unsafeValue(noTags).count, noTags)
  residentMemory.unsafeUpdate(residentBytes(), noTags)
  startTime.unsafeUpdate(performance.timeOrigin / 1000, noTags)
}

const make = Effect.gen(function* () {
  const reactor = yield* Reactor
  const { maxConnections } = yield* ServerConfig
  const sources = new Set<() => void>()

  const refresh = Effect.sync(() => {
    for (const publish of sources) publish()
    publishProcess()
  })

  const publish = Effect.fnUntraced(function* (read: () => ReadonlyArray<Reading>) {
    const published = new PublishedMetrics()
    const source = () => published.unsafePublish(read())
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        source()
        published.unsafeRetract()
        sources.delete(source)
      })
    )
    sources.add(source)
    source()
  })

  yield* publish(() => {
    const { directIo, memory, traffic } = reactor
    let queued = 0
    for (const connection of reactor.connections) queued += connection.queued
    return [
      [connectionsLimit, maxConnections],
      [queuedBytes, queued],
      [retainedBytes, memory.used],
      [memoryLimit, memory.limit],
      [memoryCloses, memory.givenUp],
      [directReads, directIo.reads ? 1 : 0],
      [directWrites, directIo.writes ? 1 : 0],
      [messagesReceived, traffic.messagesReceived],
      [messagesSent, traffic.messagesSent],
      [receivedBytes, traffic.bytesReceived],
      [sentBytes, traffic.bytesSent]
    ]
  })
  yield* EventLoopLag.watch
  yield* Effect.forkScoped(Effect.repeat(refresh, Schedule.spaced(PERIOD)))
  return Metrics.of({ text: Effect.map(Effect.zipRight(refresh, Metric.snapshot), PrometheusText.render), publish })
})
