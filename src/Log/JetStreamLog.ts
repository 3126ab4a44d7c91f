/**
 * One log, or one key of it, in a stream of JetStream. It is read by an ordered consumer. Whenever the consumer has to
 * be started again, what was read is compared with what the stream has now.
 */
import type { ConsumerMessages, JsMsg, StreamConfig, StreamInfo } from "@nats-io/jetstream"
import { sleep } from "../Time/Timer.ts"
import type { Break, EngineLog, EngineReader, Place } from "./LogEngine.ts"
import type { Nats } from "./NatsConnection.ts"

export interface StreamSettings {
  readonly name: string
  readonly subject: string
  /** Whether the subject is one of several in the stream. Otherwise the whole stream is read. */
  readonly isKey: boolean
  readonly config: Partial<StreamConfig> & { readonly name: string; readonly max_bytes: number }
  /** Why a stream can't be used, such as `is of version 1`; `undefined` if it can. */
  readonly problemOf: (info: StreamInfo) => string | undefined
}

export interface SnapshotSubjects {
  readonly stream: Partial<StreamConfig> & { readonly name: string }
  /** The subject of the log's snapshots. Their parts have subjects under it. */
  readonly subject: string
}

/**
 * Milliseconds without an entry after which the consumer is started again, if the stream has entries that were not
 * read.
 */
const STALLED = 2000
const RETRY = 100
/**
 * Milliseconds after which an engine whose log seems to have gone back is asked again. Only if it says so twice, the
 * log has gone back.
 */
const CONFIRM = 300
/**
 * Milliseconds for which a stream must be missing before it is created anew. Another process may have removed it, and this
 * one, which was frozen meanwhile, may be about to read that it has no use for it.
 */
const MISSING = 1000
/** Bytes of a part of a snapshot: less than NATS's limit of 1 MiB for a message. */
const PART = 512 * 1024
/** Bytes that JetStream stores with an entry, beside its subject and its bytes. */
const OVERHEAD = 30

/** Whether the stream does not exist. */
export const isMissing = (error: unknown): boolean => error instanceof Error && /stream not found/i.test(error.message)

const isNoMessage = (error: unknown): boolean =>
  error instanceof Error && /no message found|message not found/i.test(error.message)

/** The time at which an entry was stored, in nanoseconds, and the bytes that name its writer and its number. */
const markOf = (nanoseconds: bigint, data: Uint8Array): string =>
  `${nanoseconds} ${Buffer.from(data.subarray(0, 16)).toString("base64")}`

const nanosecondsOf = (time: string): bigint => {
  const [, seconds = "", fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(time) ?? []
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"))
}

export class JetStreamLog implements EngineLog {
  readonly keep: number
  readonly #nats: Nats
  readonly #stream: StreamSettings
  readonly #snapshots: SnapshotSubjects
  readonly #onTrouble: (log: string, what: string) => void
  #origin: string
  #position = 0
  #through = 0
  /** The mark of the entry at the position, or that entry. */
  #mark: string | JsMsg = ""
  #heardAt = 0
  #reader: EngineReader | undefined
  /** Increases with every call of `read`, and whenever reading stops. */
  #run = 0
  #messages: ConsumerMessages | undefined
  /** Stops waiting for a consumer that will deliver nothing more. */
  #wake: () => void = () => {}
  #isClosed = false
  #trouble = ""
  /** Since when the stream is missing. */
  #missingSince: number | undefined
  /** Whether the stream was replaced by one that can't be used. Nothing is read from it, and nothing is written to it. */
  #isForeign = false
  readonly #stopNoticing: () => void

  constructor(
    nats: Nats,
    info: StreamInfo,
    stream: StreamSettings,
    snapshots: SnapshotSubjects,
    onTrouble: (log: string, what: string) => void
  ) {
    this.keep = stream.config.max_bytes
    this.#nats = nats
    this.#origin = info.created
    this.#stream = stream
    this.#snapshots = snapshots
    this.#onTrouble = onTrouble
    // Another server may answer now, or the same one with fewer entries.
    this.#stopNoticing = nats.onReconnect(() => this.#wake())
  }

  readonly origin = (): string => this.#origin

  readonly isConnected = (): boolean => this.#nats.isConnected() && !this.#isForeign

  readonly publish = (bytes: Uint8Array, isRepeated = false): void => {
    if (this.#nats.connection.isClosed() || this.#isForeign) return
    if (!isRepeated) return this.#nats.connection.publish(this.#stream.subject, bytes)
    // The entry did not come back, so ask the engine why.
    this.#nats.client.publish(this.#stream.subject, bytes).then(
      () => {
        this.#trouble = ""
      },
      (error) => this.#reportTrouble(`the engine refused an entry: ${error instanceof Error ? error.message : error}`)
    )
  }

  readonly bounds = async (): Promise<{ readonly first: number; readonly last: number }> => {
    const position = this.#position
    const { state } = await this.#info()
    // The engine has fewer entries than were read when it was asked.
    if (state.last_seq < position) this.#wake()
    const last = this.#stream.isKey ? await this.#newestOfKey() : state.last_seq
    const isRead = last <= this.#position
    if (this.#stream.isKey && isRead) this.#through = Math.max(this.#through, state.last_seq)
    if (!isRead && performance.now() - this.#heardAt > STALLED) this.#wake()
    return { first: Math.max(1, state.first_seq), last }
  }

  readonly joins = async (place: Place): Promise<"joins" | Break> => {
    const from = await this.#confirmed(place)
    return typeof from === "string" ? from : "joins"
  }

  readonly read = (after: Place, reader: EngineReader): void => {
    this.#stop()
    this.#reader = reader
    this.#position = after.position
    this.#through = Math.max(after.position, after.through)
    this.#mark = after.mark
    void this.#consume(this.#run)
  }

  readonly place = (): Place => ({
    position: this.#position,
    through: Math.max(this.#position, this.#through),
    mark: this.#markNow()
  })

  readonly loadSnapshot = async (): Promise<Uint8Array | undefined> => {
    const { subject } = this.#snapshots
    const stream = this.#snapshots.stream.name
    const { manager } = this.#nats
    try {
      const head = await manager.streams.getMessage(stream, { last_by_subj: `${subject}.head` })
      if (head === null) return undefined
      const parts: ReadonlyArray<number> = head.json()
      const found: Array<Uint8Array> = []
      for (const seq of parts) {
        const part = await manager.streams.getMessage(stream, { seq })
        if (part === null) return undefined
        found.push(part.data)
      }
      return Buffer.concat(found)
    } catch (error) {
      if (isMissing(error) || isNoMessage(error)) return undefined
      throw error
    }
  }

  readonly saveSnapshot = async (snapshot: Uint8Array): Promise<void> => {
    const { stream, subject } = this.#snapshots
    if (this.#isForeign) throw new Error("the log was replaced by one that can't be used")
    // An engine that lost its disk has lost the snapshots too.
    await this.#infoOf(stream)
    const seqs: Array<number> = []
    for (let at = 0; at < snapshot.length; at += PART) {
      const { seq } = await this.#nats.client.publish(`${subject}.${at / PART}`, snapshot.subarray(at, at + PART))
      seqs.push(seq)
    }
    await this.#nats.client.publish(`${subject}.head`, JSON.stringify(seqs))
  }

  close(): void {
    this.#isClosed = true
    this.#stopNoticing()
    this.#stop()
  }

  #stop(): void {
    this.#run++
    this.#reader = undefined
    void this.#messages?.close().catch(() => {})
    this.#messages = undefined
    this.#wake()
  }

  #broken(why: Break): void {
    const reader = this.#reader
    this.#stop()
    reader?.broken(why)
  }

  #markNow(): string {
    const mark = this.#mark
    if (typeof mark === "string") return mark
    const made = markOf(mark.timestampNanos, mark.data)
    this.#mark = made
    return made
  }

  /** The state of a stream, which is created if the engine has lost it. */
  async #infoOf(config: Partial<StreamConfig> & { readonly name: string }): Promise<StreamInfo> {
    try {
      return await this.#nats.manager.streams.info(config.name)
    } catch (error) {
      if (!isMissing(error)) throw error
      return await this.#nats.manager.streams.add(config)
    }
  }

  /** The state of the stream, which is created anew if it has been missing for a while. */
  async #present(): Promise<StreamInfo> {
    const isDue = this.#missingSince !== undefined && performance.now() - this.#missingSince > MISSING
    try {
      const { config } = this.#stream
      const info = isDue ? await this.#infoOf(config) : await this.#nats.manager.streams.info(config.name)
      this.#missingSince = undefined
      return info
    } catch (error) {
      if (isMissing(error)) this.#missingSince ??= performance.now()
      throw error
    }
  }

  /** Asks the engine for the state of the stream, and notices if the stream is gone or was replaced. */
  async #info(): Promise<StreamInfo> {
    const { name } = this.#stream
    const info = await this.#present()
    const problem = this.#stream.problemOf(info)
    this.#isForeign = problem !== undefined
    if (problem !== undefined) {
      this.#reportTrouble(`it ${problem}`)
      throw new Error(`the log ${problem}`)
    }
    if (info.created === this.#origin) return info
    if (!this.#isClosed) {
      this.#origin = info.created
      this.#onTrouble(name, "the engine has lost it, and a new one was created")
      this.#broken("replaced")
    }
    throw new Error("the log was lost, and a new one was created")
  }

  async #newestOfKey(): Promise<number> {
    const { name, subject } = this.#stream
    try {
      return (await this.#nats.manager.streams.getMessage(name, { last_by_subj: subject }))?.seq ?? 0
    } catch (error) {
      if (isNoMessage(error)) return 0
      throw error
    }
  }

  /** Whether the key has an entry where there was none: the log went back, and has grown past that place since. */
  async #hasBetween(position: number, through: number): Promise<boolean> {
    const { isKey, name, subject } = this.#stream
    if (!isKey) return false
    const first = { seq: position + 1, next_by_subj: subject }
    const next = await this.#nats.manager.streams.getMessage(name, first)
    return next !== null && next.seq <= through
  }

  /**
   * The place after which reading goes on. If the entry at the position is kept, what came after it can be read again. Other
   * entries may be there now, because the log went back.
   */
  async #compare(place: Place): Promise<Place | Break> {
    const { mark, position } = place
    const { state } = await this.#info()
    const isKept = position > 0 && position >= state.first_seq
    const through = isKept ? position : Math.max(position, place.through)
    if (through > state.last_seq) return "back"
    if (through + 1 < state.first_seq) return "missed"
    if (!isKept)
      return through > position && (await this.#hasBetween(position, through)) ? "back" : { ...place, through }
    const message =
      mark === "" ? null : await this.#nats.manager.streams.getMessage(this.#stream.name, { seq: position })
    if (message !== null && markOf(nanosecondsOf(message.timestamp), message.data) !== mark) return "back"
    return { ...place, through }
  }

  async #confirmed(place: Place): Promise<Place | Break> {
    const first = await this.#compare(place)
    if (first !== "back") return first
    await sleep(CONFIRM)
    return this.#compare(place)
  }

  async #consume(run: number): Promise<void> {
    while (run === this.#run && !this.#isClosed) {
      try {
        const from = await this.#confirmed(this.place())
        if (run !== this.#run) return
        if (typeof from === "string") return this.#broken(from)
        this.#through = from.through
        await this.#consumeOnce(run)
      } catch {
        // The engine can't be reached.
      }
      if (run === this.#run && !this.#isClosed) await sleep(RETRY)
    }
  }

  /** Reads until the consumer ends, or must be started again. */
  async #consumeOnce(run: number): Promise<void> {
    const { isKey, name, subject } = this.#stream
    const consumer = await this.#nats.client.consumers.get(name, {
      deliver_policy: "by_start_sequence",
      opt_start_seq: Math.max(this.#position, this.#through) + 1,
      inactive_threshold: 30_000,
      ...(isKey ? { filter_subjects: [subject] } : {})
    })
    if (run !== this.#run) return
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#heardAt = performance.now()
    const { name: made } = await consumer.info(true)
    let isOver = false
    const messages = await consumer.consume({
      // Whether the consumer still delivers is seen from the end of the log, for which `SharedLog` asks anyway.
      idle_heartbeat: 5000,
      callback: (message) => {
        if (run !== this.#run || isOver) return
        // The client has created another consumer. What was read must be compared first.
        isOver = message.info.consumer !== made
        if (isOver) return this.#wake()
        this.#heardAt = performance.now()
        this.#take(message, subject)
      }
    })
    if (run !== this.#run) return void messages.close().catch(() => {})
    this.#messages = messages
    await Promise.race([messages.closed(), woken])
    isOver = true
    void messages.close().catch(() => {})
  }

  #take(message: JsMsg, subject: string): void {
    const { seq } = message
    if (seq <= this.#position) return
    if (!this.#stream.isKey && seq !== this.#position + 1) return this.#broken("missed")
    this.#position = seq
    this.#mark = message
    if (message.subject !== subject) return
    this.#reader?.entry({
      bytes: message.data,
      position: seq,
      size: OVERHEAD + subject.length + message.data.length
    })
  }

  #reportTrouble(trouble: string): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    this.#onTrouble(this.#stream.name, trouble)
  }
}
