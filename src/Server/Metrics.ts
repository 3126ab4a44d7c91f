/**
 * What the server tells of itself. The relay, the reactor and the admission count for themselves, in plain numbers, as
 * every message passes them; here they are read when somebody asks, so that figures cost nothing in between.
 */
import { monitorEventLoopDelay } from "node:perf_hooks"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Reactor } from "../WebSocket/Reactor.ts"
import { ConnectionFigures } from "./ConnectionFigures.ts"
import type { Family } from "./PrometheusText.ts"
import { Relay } from "./Relay.ts"
import { ServerConfig } from "./ServerConfig.ts"
import { StartupBarrier } from "./StartupBarrier.ts"

export class Metrics extends Context.Tag("effect-c10k/Server/Metrics")<
  Metrics,
  { readonly unsafeCollect: () => ReadonlyArray<Family> }
>() {
  static readonly layer: Layer.Layer<
    Metrics,
    never,
    Reactor | ConnectionFigures | Relay | StartupBarrier | ServerConfig
  > = Layer.scoped(
    Metrics,
    Effect.suspend(() => make)
  )
}

/** Milliseconds between looks at how late the event loop is. */
const RESOLUTION = 20

const make = Effect.gen(function* () {
  const reactor = yield* Reactor
  const figures = yield* ConnectionFigures
  const relay = yield* Relay
  const barrier = yield* StartupBarrier
  const { maxConnections } = yield* ServerConfig
  const delay = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const histogram = monitorEventLoopDelay({ resolution: RESOLUTION })
      histogram.enable()
      return histogram
    }),
    (histogram) => Effect.sync(() => void histogram.disable())
  )

  const connections = (): ReadonlyArray<Family> => {
    let queued = 0
    for (const connection of reactor.connections) queued += connection.queued
    return [
      gauge("connections", "WebSockets that are open", labelled("role", figures.open)),
      gauge("connections_limit", "WebSockets that there may be", maxConnections),
      counter("connections_accepted", "WebSockets that were let in", labelled("role", figures.accepted)),
      counter("connections_refused", "Handshakes refused or not finished", labelled("cause", figures.refused)),
      counter("connections_closed", "WebSockets that ended, by close code", labelled("code", figures.closed)),
      counter("slow_closes", "WebSockets closed because their client did not read", figures.slow),
      gauge("queued_bytes", "Bytes held for clients that did not read them yet", queued)
    ]
  }

  const traffic = (): ReadonlyArray<Family> => {
    const { bytesReceived, bytesSent, messagesReceived, messagesSent } = reactor.traffic
    const { deliveries, messages } = relay.unsafeTotals()
    return [
      counter("messages_received", "Messages of all clients", messagesReceived),
      counter(
        "messages_sent",
        "Messages sent to clients, deliveries included; not the sub and run of workers",
        messagesSent + deliveries
      ),
      counter("received_bytes", "Bytes of frames received", bytesReceived),
      counter("sent_bytes", "Bytes of frames sent", bytesSent),
      counter("relayed_messages", "State messages of workers", messages),
      counter("deliveries", "State messages delivered to subscribers and watchers", deliveries)
    ]
  }

  const game = (): ReadonlyArray<Family> => {
    const { width, height } = relay.unsafeGrid()
    const { connected, expected, phase, subscribed } = barrier.unsafeState()
    const phases = ["connecting", "subscribing", "running"] as const
    return [
      gauge("grid_cells", "Cells of the game", width * height),
      gauge("barrier_phase", "1 for the phase that the game is in", {
        label: "phase",
        values: phases.map((each) => [each, each === phase ? 1 : 0] as const)
      }),
      gauge("barrier_workers", "Workers that the game needs, has, and that have subscribed", {
        label: "state",
        values: Object.entries({ expected, connected, subscribed })
      }),
      counter("resumes", "Workers that joined a game that was running", barrier.unsafeResumes())
    ]
  }

  const process_ = (): ReadonlyArray<Family> => {
    const { system, user } = process.cpuUsage()
    const seconds = (nanoseconds: number) => (Number.isNaN(nanoseconds) ? 0 : nanoseconds / 1e9)
    const late = (nanoseconds: number) => Math.max(0, seconds(nanoseconds) - RESOLUTION / 1000)
    const families: ReadonlyArray<Family> = [
      { name: "process_cpu_seconds_total", help: "CPU time", type: "counter", value: (system + user) / 1e6 },
      { name: "process_resident_memory_bytes", help: "Memory in use", type: "gauge", value: process.memoryUsage.rss() },
      { name: "process_start_time_seconds", help: "Start, since 1970", type: "gauge", value: startedAt },
      lag("mean", "on average", late(delay.mean)),
      lag("p50", "for half of the time", late(delay.percentile(50))),
      lag("p99", "for all but 1 % of the time", late(delay.percentile(99))),
      lag("max", "at most", late(delay.max))
    ]
    delay.reset()
    return families
  }

  return Metrics.of({ unsafeCollect: () => [...connections(), ...traffic(), ...game(), ...process_()] })
})

const startedAt = performance.timeOrigin / 1000

const gauge = (name: string, help: string, value: Family["value"]): Family => ({
  name: `effect_c10k_${name}`,
  help,
  type: "gauge",
  value
})

const counter = (name: string, help: string, value: Family["value"]): Family => ({
  name: `effect_c10k_${name}_total`,
  help,
  type: "counter",
  value
})

const lag = (name: string, how: string, value: number): Family => ({
  name: `nodejs_eventloop_lag_${name}_seconds`,
  help: `How late the event loop was ${how}, since this was asked for last`,
  type: "gauge",
  value
})

const labelled = (label: string, values: ReadonlyMap<string | number, number>): Family["value"] => ({ label, values })
