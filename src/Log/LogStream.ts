/** The stream of a log in JetStream, as the engine has it now: it may be missing for a while, or be another one than before. */
import type { StreamConfig, StreamInfo } from "@nats-io/jetstream"
import { messageOf } from "../Text/Thrown.ts"
import type { Nats } from "./NatsConnection.ts"

export type NamedConfig = Partial<StreamConfig> & { readonly name: string }

export interface StreamSettings {
  readonly name: string
  readonly subject: string
  /** Whether the subject is one of several in the stream. Otherwise the whole stream is read. */
  readonly isKey: boolean
  readonly config: NamedConfig & { readonly max_bytes: number }
  /** Why a stream can't be used, such as `is of version 1`; `undefined` if it can. */
  readonly problemOf: (info: StreamInfo) => string | undefined
}

/**
 * Milliseconds for which a stream must be missing before it is created anew. Another process may have removed it, and this
 * one, which was frozen meanwhile, may be about to read that it has no use for it.
 */
const MISSING = 1000

/** Whether the stream does not exist. */
export const isMissing = (error: unknown): boolean => error instanceof Error && /stream not found/i.test(error.message)

export const isNoMessage = (error: unknown): boolean =>
  error instanceof Error && /no message found|message not found/i.test(error.message)

/** The state of a stream, which is created if the engine has lost it. */
export const infoOf = async ({ manager }: Nats, config: NamedConfig): Promise<StreamInfo> => {
  try {
    return await manager.streams.info(config.name)
  } catch (error) {
    if (!isMissing(error)) throw error
    return await manager.streams.add(config)
  }
}

/** The time at which an entry was stored, in nanoseconds, and the bytes that name its writer and its number. */
export const markOf = (nanoseconds: bigint, data: Uint8Array): string =>
  `${nanoseconds} ${Buffer.from(data.subarray(0, 16)).toString("base64")}`

const nanosecondsOf = (time: string): bigint => {
  const [, seconds = "", fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(time) ?? []
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"))
}

export class LogStream {
  readonly settings: StreamSettings
  readonly #nats: Nats
  readonly #onTrouble: (log: string, what: string) => void
  readonly #onReplaced: () => void
  #origin: string
  #trouble = ""
  /** Since when the stream is missing. */
  #missingSince: number | undefined
  #isForeign = false
  #isClosed = false

  /** `onReplaced` is called when the engine has lost the stream, and another one was created. */
  constructor(
    nats: Nats,
    settings: StreamSettings,
    origin: string,
    onTrouble: (log: string, what: string) => void,
    onReplaced: () => void
  ) {
    this.#nats = nats
    this.settings = settings
    this.#origin = origin
    this.#onTrouble = onTrouble
    this.#onReplaced = onReplaced
  }

  /** When it was created, which identifies it among all that had its name. */
  get origin(): string {
    return this.#origin
  }

  /** Whether the stream was replaced by one that can't be used. Nothing is read from it, and nothing is written to it. */
  get isForeign(): boolean {
    return this.#isForeign
  }

  close(): void {
    this.#isClosed = true
  }

  publish(bytes: Uint8Array, isRepeated: boolean): void {
    if (this.#nats.connection.isClosed() || this.#isForeign) return
    const { subject } = this.settings
    if (!isRepeated) return this.#nats.connection.publish(subject, bytes)
    // The entry did not come back, so ask the engine why.
    this.#nats.client.publish(subject, bytes).then(
      () => {
        this.#trouble = ""
      },
      (error) => this.#reportTrouble(`the engine refused an entry: ${messageOf(error)}`)
    )
  }

  /** Asks the engine for the state of the stream, and notices if the stream is gone or was replaced. */
  async info(): Promise<StreamInfo> {
    const info = await this.#present()
    const problem = this.settings.problemOf(info)
    this.#isForeign = problem !== undefined
    if (problem !== undefined) {
      this.#reportTrouble(`it ${problem}`)
      throw new Error(`the log ${problem}`)
    }
    if (info.created === this.#origin) return info
    if (!this.#isClosed) {
      this.#origin = info.created
      this.#onTrouble(this.settings.name, "the engine has lost it, and a new one was created")
      this.#onReplaced()
    }
    throw new Error("the log was lost, and a new one was created")
  }

  /** The position of the newest entry of the key; 0 if there is none. */
  async newestOfKey(): Promise<number> {
    const { name, subject } = this.settings
    try {
      return (await this.#nats.manager.streams.getMessage(name, { last_by_subj: subject }))?.seq ?? 0
    } catch (error) {
      if (isNoMessage(error)) return 0
      throw error
    }
  }

  /** Whether the key has an entry where there was none: the log went back, and has grown past that place since. */
  async hasBetween(position: number, through: number): Promise<boolean> {
    const { isKey, name, subject } = this.settings
    if (!isKey) return false
    const first = { seq: position + 1, next_by_subj: subject }
    const next = await this.#nats.manager.streams.getMessage(name, first)
    return next !== null && next.seq <= through
  }

  /** The mark of the entry at this position; `undefined` if there is none. */
  async markAt(position: number): Promise<string | undefined> {
    const message = await this.#nats.manager.streams.getMessage(this.settings.name, { seq: position })
    return message === null ? undefined : markOf(nanosecondsOf(message.timestamp), message.data)
  }

  /** The state of the stream, which is created anew if it has been missing for a while. */
  async #present(): Promise<StreamInfo> {
    const isDue = this.#missingSince !== undefined && performance.now() - this.#missingSince > MISSING
    try {
      const { config } = this.settings
      const info = isDue ? await infoOf(this.#nats, config) : await this.#nats.manager.streams.info(config.name)
      this.#missingSince = undefined
      return info
    } catch (error) {
      if (isMissing(error)) this.#missingSince ??= performance.now()
      throw error
    }
  }

  #reportTrouble(trouble: string): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    this.#onTrouble(this.settings.name, trouble)
  }
}
