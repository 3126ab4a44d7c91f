/** One log as a stream of JetStream. It is read by an ordered consumer, which is started again whenever it stops. */
import type { ConsumerMessages, StreamConfig, StreamInfo } from "@nats-io/jetstream"
import type { EngineLog, EngineReader } from "./LogEngine.ts"
import type { Nats } from "./NatsConnection.ts"

export interface StreamSettings {
  readonly name: string
  readonly subject: string
  readonly config: Partial<StreamConfig> & { readonly name: string }
}

export interface SnapshotSubjects {
  readonly stream: string
  /** The subject of the log's snapshots. Their parts have subjects under it. */
  readonly subject: string
}

/** Milliseconds between two looks at the state of the stream. */
const POLL = 1000
/**
 * Milliseconds without an entry after which the consumer is started again, if the stream has entries that were not
 * read.
 */
const STALLED = 2000
const RETRY = 100
/** Bytes of a part of a snapshot: less than NATS's limit of 1 MiB for a message. */
const PART = 512 * 1024

const isMissing = (error: unknown): boolean => error instanceof Error && /stream not found/i.test(error.message)

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds).unref())

export class JetStreamLog implements EngineLog {
  readonly #nats: Nats
  readonly #stream: StreamSettings
  readonly #snapshots: SnapshotSubjects
  readonly #onTrouble: (text: string) => void
  #generation: string
  #position = 0
  #heardAt = 0
  #reader: EngineReader | undefined
  #messages: ConsumerMessages | undefined
  #isClosed = false
  #isPolling = false
  #timer: NodeJS.Timeout | undefined
  /** Stops waiting for a consumer that will deliver nothing more. */
  #wake: () => void = () => {}
  #trouble = ""

  constructor(
    nats: Nats,
    info: StreamInfo,
    stream: StreamSettings,
    snapshots: SnapshotSubjects,
    onTrouble: (text: string) => void
  ) {
    this.#nats = nats
    this.#generation = info.created
    this.#stream = stream
    this.#snapshots = snapshots
    this.#onTrouble = onTrouble
  }

  readonly generation = (): string => this.#generation

  readonly isConnected = (): boolean => this.#nats.isConnected()

  readonly publish = (bytes: Uint8Array, isRepeated = false): void => {
    if (this.#nats.connection.isClosed()) return
    if (!isRepeated) return this.#nats.connection.publish(this.#stream.subject, bytes)
    // The entry did not come back, so ask the engine why.
    this.#nats.client.publish(this.#stream.subject, bytes).then(
      () => {
        this.#trouble = ""
      },
      (error) => this.#reportTrouble(error instanceof Error ? error.message : String(error))
    )
  }

  readonly end = async (): Promise<number> => {
    const info = await this.#info()
    return info.state.last_seq
  }

  readonly first = async (): Promise<number> => (await this.#info()).state.first_seq

  readonly read = (from: number, reader: EngineReader): void => {
    this.#position = from - 1
    this.#reader = reader
    this.#timer = setInterval(() => void this.#poll(), POLL).unref()
    void this.#consume()
  }

  readonly loadSnapshot = async (): Promise<Uint8Array | undefined> => {
    const { stream, subject } = this.#snapshots
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
      if (error instanceof Error && /no message found|message not found/i.test(error.message)) return undefined
      throw error
    }
  }

  readonly saveSnapshot = async (snapshot: Uint8Array): Promise<void> => {
    const { subject } = this.#snapshots
    const seqs: Array<number> = []
    for (let at = 0; at < snapshot.length; at += PART) {
      const { seq } = await this.#nats.client.publish(`${subject}.${at / PART}`, snapshot.subarray(at, at + PART))
      seqs.push(seq)
    }
    await this.#nats.client.publish(`${subject}.head`, JSON.stringify(seqs))
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
    void this.#messages?.close().catch(() => {})
    this.#wake()
  }

  /** Asks the engine for the state of the stream, and notices if the stream is gone or was replaced. */
  async #info(): Promise<StreamInfo> {
    try {
      const info = await this.#nats.manager.streams.info(this.#stream.name)
      if (info.created === this.#generation) return info
      this.#replace(info.created)
    } catch (error) {
      if (!isMissing(error)) throw error
      const made = await this.#nats.manager.streams.add(this.#stream.config)
      if (made.created !== this.#generation) this.#replace(made.created)
    }
    throw new Error("the log was lost, and a new one was created")
  }

  #replace(generation: string): void {
    if (this.#isClosed || generation === this.#generation) return
    this.#generation = generation
    this.#position = 0
    void this.#messages?.close().catch(() => {})
    this.#wake()
    this.#onTrouble(`log ${this.#stream.name}: the engine has lost it, and a new one was created`)
    this.#reader?.replaced()
  }

  async #poll(): Promise<void> {
    if (this.#isPolling || this.#isClosed || !this.isConnected()) return
    this.#isPolling = true
    try {
      const { state } = await this.#info()
      if (state.last_seq > this.#position && performance.now() - this.#heardAt > STALLED) this.#wake()
    } catch {
      // The next look is in a second. Until then `unsafeHealth` reports the trouble.
    }
    this.#isPolling = false
  }

  async #consume(): Promise<void> {
    while (!this.#isClosed) {
      const generation = this.#generation
      try {
        const consumer = await this.#nats.client.consumers.get(this.#stream.name, {
          deliver_policy: "by_start_sequence",
          opt_start_seq: this.#position + 1,
          inactive_threshold: 30_000
        })
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        this.#heardAt = performance.now()
        const messages = await consumer.consume({
          idle_heartbeat: 500,
          callback: (message) => {
            if (this.#isClosed || generation !== this.#generation) return
            this.#heardAt = performance.now()
            if (message.seq <= this.#position) return
            this.#position = message.seq
            this.#reader?.entry(message.data, message.seq)
          }
        })
        this.#messages = messages
        await Promise.race([messages.closed(), woken])
        void messages.close().catch(() => {})
      } catch {
        // The engine can't be reached, or has just created another stream.
      }
      if (!this.#isClosed) await sleep(RETRY)
    }
  }

  #reportTrouble(trouble: string): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    this.#onTrouble(`log ${this.#stream.name}: the engine refused an entry: ${trouble}`)
  }
}
