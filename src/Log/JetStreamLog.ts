/**
 * One log, or one key of it, in a stream of JetStream. It is read by an ordered consumer. Whenever the consumer has to
 * be started again, what was read is compared with what the stream has now.
 */
import type { ConsumerMessages, JsMsg, StreamInfo } from "@nats-io/jetstream"
import { sleep } from "../Time/Timer.ts"
import * as JetStreamSnapshots from "./JetStreamSnapshots.ts"
import type { Break, EngineLog, EngineReader, LogPosition } from "./LogEngine.ts"
import { LogStream, markOf, type StreamSettings } from "./LogStream.ts"
import type { Nats } from "./NatsConnection.ts"

/** Milliseconds without an entry after which the consumer is started again, if the stream has unread entries. */
const STALLED = 2000
const RETRY = 100
/** Milliseconds after which an engine whose log seems to have gone back is asked again. The second answer counts. */
const CONFIRM = 300
/** Bytes that JetStream stores with an entry, beside its subject and its bytes. */
const OVERHEAD = 30

export class JetStreamLog implements EngineLog {
  readonly keep: number
  readonly #nats: Nats
  readonly #stream: LogStream
  readonly #snapshots: JetStreamSnapshots.SnapshotSubjects
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
  readonly #stopNoticing: () => void

  constructor(
    nats: Nats,
    info: StreamInfo,
    stream: StreamSettings,
    snapshots: JetStreamSnapshots.SnapshotSubjects,
    onTrouble: (log: string, what: string) => void
  ) {
    this.keep = stream.config.max_bytes
    this.#nats = nats
    this.#stream = new LogStream(nats, stream, info.created, onTrouble, () => this.#broken("replaced"))
    this.#snapshots = snapshots
    // Another server may answer now, or the same one with fewer entries.
    this.#stopNoticing = nats.onReconnect(() => this.#wake())
  }

  readonly origin = (): string => this.#stream.origin

  readonly isConnected = (): boolean => this.#nats.isConnected() && !this.#stream.isForeign

  readonly publish = (bytes: Uint8Array, isRepeated = false): void => this.#stream.publish(bytes, isRepeated)

  readonly bounds = async (): Promise<{ readonly first: number; readonly last: number }> => {
    const position = this.#position
    const { state } = await this.#stream.info()
    // The engine has fewer entries than were read when it was asked.
    if (state.last_seq < position) this.#wake()
    const { isKey } = this.#stream.settings
    const last = isKey ? await this.#stream.newestOfKey() : state.last_seq
    const isRead = last <= this.#position
    if (isKey && isRead) this.#through = Math.max(this.#through, state.last_seq)
    if (!isRead && performance.now() - this.#heardAt > STALLED) this.#wake()
    return { first: Math.max(1, state.first_seq), last }
  }

  readonly joins = async (place: LogPosition): Promise<"joins" | Break> => {
    const from = await this.#confirmed(place)
    return typeof from === "string" ? from : "joins"
  }

  readonly read = (after: LogPosition, reader: EngineReader): void => {
    this.#stop()
    this.#reader = reader
    this.#position = after.position
    this.#through = Math.max(after.position, after.through)
    this.#mark = after.mark
    void this.#consume(this.#run)
  }

  readonly place = (): LogPosition => ({
    position: this.#position,
    through: Math.max(this.#position, this.#through),
    mark: this.#markNow()
  })

  readonly loadSnapshot = (): Promise<Uint8Array | undefined> => JetStreamSnapshots.load(this.#nats, this.#snapshots)

  readonly saveSnapshot = async (snapshot: Uint8Array): Promise<void> => {
    if (this.#stream.isForeign) throw new Error("the log was replaced by one that can't be used")
    await JetStreamSnapshots.save(this.#nats, this.#snapshots, snapshot)
  }

  close(): void {
    this.#isClosed = true
    this.#stream.close()
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

  /**
   * The place after which reading goes on. If the entry at the position is kept, what came after it can be read again. Other
   * entries may be there now, because the log went back.
   */
  async #compare(place: LogPosition): Promise<LogPosition | Break> {
    const { mark, position } = place
    const { state } = await this.#stream.info()
    const isKept = position > 0 && position >= state.first_seq
    const through = isKept ? position : Math.max(position, place.through)
    if (through > state.last_seq) return "back"
    if (through + 1 < state.first_seq) return "missed"
    if (!isKept)
      return through > position && (await this.#stream.hasBetween(position, through)) ? "back" : { ...place, through }
    const found = mark === "" ? undefined : await this.#stream.markAt(position)
    if (found !== undefined && found !== mark) return "back"
    return { ...place, through }
  }

  async #confirmed(place: LogPosition): Promise<LogPosition | Break> {
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
    const { isKey, name, subject } = this.#stream.settings
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
    if (!this.#stream.settings.isKey && seq !== this.#position + 1) return this.#broken("missed")
    this.#position = seq
    this.#mark = message
    if (message.subject !== subject) return
    this.#reader?.entry({
      bytes: message.data,
      position: seq,
      size: OVERHEAD + subject.length + message.data.length
    })
  }
}
