/** Logs in NATS JetStream. Each log is a stream, and one more stream has the snapshots of all logs. */
import type { StreamConfig, StreamInfo } from "@nats-io/jetstream"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { given } from "../Given.ts"
import { GatheredLines, listOf } from "../Text/GatheredLines.ts"
import { real } from "../Time/Timer.ts"
import * as EngineLogs from "./EngineLogs.ts"
import { JetStreamLog } from "./JetStreamLog.ts"
import { Logs } from "./Log.ts"
import type { LogEngine } from "./LogEngine.ts"
import { LogError } from "./LogError.ts"
import { isMissing, type NamedConfig, type StreamSettings } from "./LogStream.ts"
import * as NatsConnection from "./NatsConnection.ts"
import type { NatsOptions } from "./NatsOptions.ts"
import { defaults as logDefaults, type SharedLogOptions } from "./SharedLogOptions.ts"

/** The options of logs in JetStream. */
export interface JetStreamOptions extends NatsOptions {
  /**
   * The prefix of the names of streams and subjects: letters, digits, `-` and `_`. Processes with different prefixes
   * share nothing. `c10k` unless given.
   */
  readonly prefix: string
  /** The number of servers that each keep a copy of each log: 1, 3 or 5. 1 unless given. */
  readonly replicas: number
  /**
   * Bytes that each log keeps. The oldest entries are dropped first. A snapshot is saved after every quarter of them. 256
   * MiB unless given. If the server has no room for a new log of this size, the log keeps half of it, or a quarter and so
   * on, at least 16 MiB.
   */
  readonly keep: number
  /** Where NATS stores the logs. `file` unless given. */
  readonly storage: "file" | "memory"
  /** The options of each log in this process. */
  readonly log: Partial<SharedLogOptions>
}

const defaults = {
  prefix: "c10k",
  replicas: 1,
  keep: 256 * 1024 * 1024,
  storage: "file",
  log: {}
} as const

/** The least bytes of a log for which the server has too little room. */
const LEAST = 16 * 1024 * 1024

/** A scan that is not complete fails after this many times the patience of a log without an entry. */
const SCAN_PAUSES = 5

const hasNoRoom = (error: unknown): boolean =>
  error instanceof Error && /insufficient|no space|resources? exceeded/i.test(error.message)

/** A key as a token of a subject. Any bytes may be in a key. */
const tokenOf = (key: string): string => Buffer.from(key).toString("base64url")

/** The version of the data. A process reads logs of its own version only. */
const VERSION = "2"
const VERSION_KEY = "effect-c10k-version"

const make = Effect.fn("JetStreamLogs.make")(function* (asked: NatsOptions & Partial<JetStreamOptions>) {
  const options: JetStreamOptions = { ...defaults, ...given(asked) }
  const nats = yield* NatsConnection.make(options)
  const lines = yield* GatheredLines.make<string>(
    (what, logs) => `${logs.length === 1 ? "log" : "logs"} ${listOf(logs)}: ${what}`
  )
  const { patience } = { ...logDefaults, ...given(options.log) }
  const trouble = (log: string, what: string) => lines.add(what, log)
  const fail = (error: unknown) => (error instanceof LogError ? error : NatsConnection.errorOf(options.servers, error))
  const attempt = <A>(f: () => Promise<A>) => Effect.tryPromise({ try: f, catch: fail })
  const common = {
    storage: options.storage,
    num_replicas: options.replicas,
    discard: "old",
    metadata: { [VERSION_KEY]: VERSION }
  } as const

  const problemOf = ({ config: { metadata } }: StreamInfo): string | undefined => {
    const version = metadata?.[VERSION_KEY]
    return version === VERSION
      ? undefined
      : `is of ${version === undefined ? "another program" : `version ${version}`}, expected version ${VERSION}: remove it, or choose another --nats-prefix`
  }
  const streamOf = (name: string) => `${options.prefix}_log_${name}`
  const settingsOf = (name: string, key?: string): StreamSettings => {
    const stream = streamOf(name)
    const subject = `${options.prefix}.log.${name}`
    return {
      name: stream,
      subject: key === undefined ? subject : `${subject}.${tokenOf(key)}`,
      isKey: key !== undefined,
      problemOf,
      config: {
        ...common,
        name: stream,
        subjects: [subject, `${subject}.*`],
        max_bytes: options.keep,
        duplicate_window: 100_000_000
      }
    }
  }
  const snapshotConfig = {
    ...common,
    name: `${options.prefix}_snapshots`,
    subjects: [`${options.prefix}.snapshot.>`],
    max_msgs_per_subject: 3
  }
  /** Subjects of keys have one more token, so that the snapshots of a log can be removed together. */
  const snapshotsOf = (name: string, key?: string) => ({
    stream: snapshotConfig,
    subject: `${options.prefix}.snapshot.${name}${key === undefined ? "" : `.k.${tokenOf(key)}`}`
  })

  /** Changes how many bytes an existing stream keeps; the oldest entries go. Without room for more it stays as it is. */
  const resized = async (info: StreamInfo, { max_bytes }: Partial<StreamConfig>): Promise<StreamInfo> => {
    if (max_bytes === undefined || max_bytes === info.config.max_bytes) return info
    try {
      return await nats.manager.streams.update(info.config.name, { max_bytes })
    } catch (error) {
      if (hasNoRoom(error)) return info
      throw error
    }
  }

  /** A new stream, smaller than wanted if the server has no room for more. */
  const added = async (config: NamedConfig): Promise<StreamInfo> => {
    for (let bytes = config.max_bytes; ; ) {
      try {
        const info = await nats.manager.streams.add(bytes === undefined ? config : { ...config, max_bytes: bytes })
        if (bytes !== config.max_bytes) trouble(config.name, `keeps only ${bytes} bytes: NATS has no room for more`)
        return info
      } catch (error) {
        const half = Math.floor((bytes ?? 0) / 2)
        if (!hasNoRoom(error) || half < LEAST) throw error
        bytes = half
      }
    }
  }

  /** The stream, which is created if it does not exist. */
  const ensure = async (config: NamedConfig): Promise<StreamInfo> => {
    const found = await nats.manager.streams.info(config.name).catch(() => undefined)
    // If two processes create it at the same time, both get the same stream.
    const info = found ?? (await added(config))
    const problem = problemOf(info)
    if (problem !== undefined)
      throw new LogError({ reason: "OtherVersion", detail: `the stream ${config.name} ${problem}` })
    return resized(info, config)
  }
  yield* attempt(() => ensure(snapshotConfig))

  const engine: LogEngine = {
    open: (name, key) => {
      const settings = settingsOf(name, key)
      return Effect.acquireRelease(
        Effect.map(
          attempt(() => ensure(settings.config)),
          (info) => {
            const config = { ...settings.config, max_bytes: info.config.max_bytes }
            return new JetStreamLog(nats, info, { ...settings, config }, snapshotsOf(name, key), trouble)
          }
        ),
        (log) => Effect.sync(() => log.close())
      )
    },
    names: attempt(async () => {
      const names: Array<string> = []
      for await (const stream of nats.manager.streams.names(`${options.prefix}.log.*`))
        if (stream.startsWith(streamOf(""))) names.push(stream.slice(streamOf("").length))
      return names
    }),
    remove: (name) =>
      Effect.asVoid(
        attempt(async () => {
          const gone = (error: unknown) => {
            if (!isMissing(error)) throw error
          }
          await nats.manager.streams.delete(settingsOf(name).name).catch(gone)
          const filter = `${snapshotsOf(name).subject}.>`
          await nats.manager.streams.purge(snapshotConfig.name, { filter }).catch(gone)
        })
      ),
    scan: (name, key, from, each) =>
      attempt(async () => {
        const { name: stream, subject } = settingsOf(name, key)
        const { state } = await nats.manager.streams.info(stream)
        const start = Math.max(from, state.first_seq)
        if (start > state.last_seq) return
        const consumer = await nats.client.consumers.get(stream, {
          deliver_policy: "by_start_sequence",
          opt_start_seq: start,
          filter_subjects: [subject]
        })
        const { num_pending } = await consumer.info()
        if (num_pending === 0) return
        const messages = await consumer.consume({ max_messages: 500 })
        let left = num_pending
        let pauses = 0
        // The rest never comes if the stream was purged or lost meanwhile. The time in which this process stood still is one pause.
        const stop = real.every(patience, () => {
          if (++pauses > SCAN_PAUSES) void messages.close().catch(() => {})
        })
        try {
          for await (const message of messages) {
            if (!each(message.data, message.seq) || --left === 0) return
            pauses = 0
          }
        } finally {
          stop()
          await messages.close().catch(() => {})
        }
        throw new Error(`the log ${name} lost entries while they were read`)
      })
  }
  return EngineLogs.make(engine, { onTrouble: trouble, ...given(options.log) })
})

/** Connects to NATS. Fails with `LogError` if it can't be reached, refuses the credentials, or keeps no logs. */
export const layer = (options: NatsOptions & Partial<JetStreamOptions>): Layer.Layer<Logs, LogError> =>
  Layer.scoped(Logs, make(options))
