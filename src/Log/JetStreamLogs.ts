/** Logs in NATS JetStream: a stream each, and one stream for the snapshots of all. */
import type { StreamConfig, StreamInfo } from "@nats-io/jetstream"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as EngineLogs from "./EngineLogs.ts"
import { JetStreamLog, type StreamSettings } from "./JetStreamLog.ts"
import { Logs } from "./Log.ts"
import type { LogEngine } from "./LogEngine.ts"
import { LogError } from "./LogError.ts"
import * as NatsConnection from "./NatsConnection.ts"
import type { SharedLogOptions } from "./SharedLog.ts"

export interface JetStreamOptions extends NatsConnection.NatsOptions {
  /** Begins the names of streams and subjects: what differs in it shares nothing. Letters, digits, `-` and `_`. */
  readonly prefix: string
  /** Copies of each log, on as many servers: 1, 3 or 5. */
  readonly replicas: number
  /** Bytes that each log keeps; the oldest entries go first. Late readers need those of two snapshots: 64 MiB, with the defaults of `log`. */
  readonly keep: number
  readonly storage: "file" | "memory"
  readonly log: Partial<SharedLogOptions>
}

const defaults = {
  prefix: "c10k",
  replicas: 1,
  keep: 256 * 1024 * 1024,
  storage: "file",
  log: {}
} as const

/** Of what is written: a process reads logs of its own version only. */
const VERSION = "1"
const VERSION_KEY = "effect-c10k-version"

const makeEngine = Effect.fn("JetStreamLogs.makeEngine")(function* (
  given: NatsConnection.NatsOptions & Partial<JetStreamOptions>
) {
  const options: JetStreamOptions = { ...defaults, ...given }
  const nats = yield* NatsConnection.make(options)
  const runtime = yield* Effect.runtime()
  const warn = (text: string) => void Runtime.runFork(runtime)(Effect.logWarning(text))
  const fail = (error: unknown) => (error instanceof LogError ? error : NatsConnection.errorOf(options.servers, error))
  const attempt = <A>(f: () => Promise<A>) => Effect.tryPromise({ try: f, catch: fail })
  const common = {
    storage: options.storage,
    num_replicas: options.replicas,
    discard: "old",
    metadata: { [VERSION_KEY]: VERSION }
  } as const

  const settingsOf = (name: string): StreamSettings => {
    const stream = `${options.prefix}_log_${name}`
    const subject = `${options.prefix}.log.${name}`
    return {
      name: stream,
      subject,
      config: { ...common, name: stream, subjects: [subject], max_bytes: options.keep, duplicate_window: 100_000_000 }
    }
  }
  const snapshotStream = `${options.prefix}_snapshots`
  const snapshotsOf = (name: string) => ({
    stream: snapshotStream,
    subject: `${options.prefix}.snapshot.${name}`
  })

  /** A stream that is there may be to keep more than it did, or less: then its oldest entries go. */
  const resized = async (info: StreamInfo, { max_bytes }: Partial<StreamConfig>): Promise<StreamInfo> =>
    max_bytes === undefined || max_bytes === info.config.max_bytes
      ? info
      : await nats.manager.streams.update(info.config.name, { max_bytes })

  /** The stream, made if there is none. */
  const ensure = async (config: Partial<StreamConfig> & { readonly name: string }): Promise<StreamInfo> => {
    const found = await nats.manager.streams.info(config.name).catch(() => undefined)
    // Of two processes that make it at once, both get the same.
    const info = found ?? (await nats.manager.streams.add(config))
    const version = info.config.metadata?.[VERSION_KEY]
    if (version === VERSION) return resized(info, config)
    throw new LogError({
      reason: "OtherVersion",
      detail: `the stream ${config.name} is of ${version === undefined ? "another program" : `version ${version}`}, expected version ${VERSION}: remove it, or choose another --nats-prefix`
    })
  }
  yield* attempt(() =>
    ensure({
      ...common,
      name: snapshotStream,
      subjects: [`${options.prefix}.snapshot.>`],
      max_msgs_per_subject: 3
    })
  )

  const engine: LogEngine = {
    open: (name) => {
      const settings = settingsOf(name)
      return Effect.acquireRelease(
        Effect.map(
          attempt(() => ensure(settings.config)),
          (info) => new JetStreamLog(nats, info, settings, snapshotsOf(name), warn)
        ),
        (log) => Effect.sync(() => log.close())
      )
    },
    remove: (name) =>
      Effect.asVoid(
        attempt(async () => {
          await nats.manager.streams.delete(settingsOf(name).name).catch(() => false)
          await nats.manager.streams.purge(snapshotStream, { filter: `${snapshotsOf(name).subject}.>` })
        })
      ),
    scan: (name, from, each) =>
      attempt(async () => {
        const { name: stream } = settingsOf(name)
        const { state } = await nats.manager.streams.info(stream)
        const start = Math.max(from, state.first_seq)
        if (start > state.last_seq) return
        const consumer = await nats.client.consumers.get(stream, {
          deliver_policy: "by_start_sequence",
          opt_start_seq: start
        })
        const messages = await consumer.consume({ max_messages: 500 })
        for await (const message of messages) {
          if (!each(message.data, message.seq) || message.seq >= state.last_seq) break
        }
        await messages.close()
      })
  }
  return { engine, isConnected: nats.isConnected, log: options.log, warn }
})

export const layer = (options: NatsConnection.NatsOptions & Partial<JetStreamOptions>): Layer.Layer<Logs, LogError> =>
  Layer.scoped(
    Logs,
    Effect.map(makeEngine(options), ({ engine, log, warn }) => EngineLogs.make(engine, { onTrouble: warn, ...log }))
  )
