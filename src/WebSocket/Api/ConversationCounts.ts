/** Counts of conversations in Effect's metrics: opened, open, and ended with each close code. */
import * as Metric from "effect/Metric"
import type * as MetricLabel from "effect/MetricLabel"
import type { Close } from "../Frames/CloseCode.ts"

/** The metrics of the server's or the client's end of conversations, and the label that tells them apart. */
interface Metrics {
  readonly label: string
  readonly opened: Metric.Metric.Counter<number>
  readonly closed: Metric.Metric.Counter<number>
  readonly active: Metric.Metric.Gauge<number>
}

const counter = (name: string, description: string) => Metric.counter(name, { description, incremental: true })

/** The metrics of a server, by path. */
export const served: Metrics = {
  label: "path",
  opened: counter("websocket_conversations_opened_total", "Conversations that were opened, by path"),
  closed: counter("websocket_conversations_closed_total", "Conversations that ended, by path and close code"),
  active: Metric.gauge("websocket_conversations", { description: "Conversations that are open, by path" })
}

/** The metrics of clients, by the host and port of the server. */
export const made: Metrics = {
  label: "server",
  opened: counter("websocket_client_conversations_opened_total", "Conversations that clients opened, by server"),
  closed: counter(
    "websocket_client_conversations_closed_total",
    "Conversations of clients that ended, by server and close code"
  ),
  active: Metric.gauge("websocket_client_conversations", {
    description: "Conversations of clients that are open, by server"
  })
}

const failed = counter("websocket_client_failures_total", "Attempts to connect that failed, by server and failure")

const noTags: ReadonlyArray<MetricLabel.MetricLabel> = []

/** The counts for one value of the label. Making a tagged metric costs a hundred times as much as an update. */
export class ConversationCounts {
  readonly #metrics: Metrics
  readonly #value: string
  readonly #opened: Metric.Metric.Counter<number>
  readonly #active: Metric.Metric.Gauge<number>
  readonly #closed = new Map<number, Metric.Metric.Counter<number>>()

  constructor(metrics: Metrics, value: string) {
    this.#metrics = metrics
    this.#value = value
    this.#opened = Metric.tagged(metrics.opened, metrics.label, value)
    this.#active = Metric.tagged(metrics.active, metrics.label, value)
  }

  unsafeOpened(): void {
    this.#opened.unsafeUpdate(1, noTags)
    this.#active.unsafeModify(1, noTags)
  }

  /** One function serves all conversations of the label. */
  readonly unsafeClosed = ({ code }: Close): void => {
    this.#active.unsafeModify(-1, noTags)
    const { closed, label } = this.#metrics
    const known = this.#closed.get(code)
    const metric = known ?? Metric.tagged(Metric.tagged(closed, label, this.#value), "code", String(code))
    if (known === undefined) this.#closed.set(code, metric)
    metric.unsafeUpdate(1, noTags)
  }
}

export const unsafeFailed = (server: string, failure: string): void =>
  Metric.tagged(Metric.tagged(failed, made.label, server), "failure", failure).unsafeUpdate(1, noTags)

/** Returns a function that finds the counts for a label's value, and makes them at its first use. */
export const byLabel = (metrics: Metrics): ((value: string) => ConversationCounts) => {
  const known = new Map<string, ConversationCounts>()
  return (value) => {
    const counts = known.get(value) ?? new ConversationCounts(metrics, value)
    known.set(value, counts)
    return counts
  }
}
