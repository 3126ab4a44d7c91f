/**
 * A log over an engine that other processes use too. Entries are bytes there, and the reader gets them when the engine
 * has stored them. Every entry must join on to the one before it. When it does not, the reader begins again, at the
 * newest snapshot if the log joins on to that.
 */
import { every } from "../Time/SharedInterval.ts"
import type { GuardedReader } from "./GuardedReader.ts"
import type { Codec, Log, LogHealth } from "./Log.ts"
import { LogEnd } from "./LogEnd.ts"
import type { EngineEntry, EngineLog } from "./LogEngine.ts"
import { frameSnapshot, type GenerationNotice, type Notice, type SnapshotHead, unframe } from "./LogFrame.ts"
import { LogGenerations } from "./LogGenerations.ts"
import * as LogStart from "./LogStart.ts"
import { LogWriter } from "./LogWriter.ts"
import type { SharedLogOptions } from "./SharedLogOptions.ts"
import { type Snapshot, Snapshots } from "./Snapshots.ts"
import { WriterSequences } from "./WriterSequences.ts"

export class SharedLog<A> implements Log<A> {
  readonly name: string
  readonly #engine: EngineLog
  readonly #codec: Codec<A>
  readonly #reader: GuardedReader<A>
  readonly #options: SharedLogOptions
  readonly #writer: LogWriter
  readonly #generations = new LogGenerations()
  readonly #snapshots: Snapshots
  readonly #end: LogEnd
  #sequences = new WriterSequences([], false)
  #position = 0
  /** Aborted when the reader begins again, and when the log is closed. */
  #beginning = new AbortController()
  /** When the reader stopped, while it can't begin again yet. */
  #stoppedAt: number | undefined
  #isClosed = false
  readonly #stopTicking: () => void

  constructor(name: string, engine: EngineLog, codec: Codec<A>, reader: GuardedReader<A>, options: SharedLogOptions) {
    this.name = name
    this.#engine = engine
    this.#codec = codec
    this.#reader = reader
    this.#options = options
    this.#writer = new LogWriter(engine, options.patience)
    const { patience, poll, snapshotEvery } = options
    this.#snapshots = new Snapshots(
      engine,
      { every: snapshotEvery ?? engine.keep / 4, patience },
      { makesSnapshots: () => reader.makesSnapshots, make: () => this.#makeSnapshot() },
      (what) => options.onTrouble(name, what)
    )
    this.#end = new LogEnd(engine, poll, {
      position: () => this.#position,
      isReading: () => !this.#isClosed && this.#stoppedAt === undefined,
      isContinuous: () => this.#isContinuous,
      onFirst: (first) => this.#snapshots.keptFrom(first)
    })
    this.#stopTicking = every(Math.max(10, patience / 5), () => this.#tick())
  }

  /** Starts reading, at the newest snapshot if there is one. Rejects if the engine does not answer. */
  async begin(): Promise<void> {
    await this.#begin(undefined)
  }

  close(): void {
    this.#isClosed = true
    this.#beginning.abort()
    this.#stopTicking()
  }

  readonly unsafeAppend = (entry: A): void => {
    if (!this.#isClosed) this.#writer.append(this.#codec.encode(entry))
  }

  readonly unsafePosition = (): number => this.#position

  readonly unsafeGeneration = (): string => `${this.#engine.origin()}.${this.#generations.present}`

  readonly unsafeWhenCurrent = (callback: () => void): void => this.#end.whenRead(callback)

  readonly unsafeHealth = (): LogHealth => ({
    connected: this.#engine.isConnected() && !this.#reader.hasFailed,
    continuous: this.#isContinuous,
    failed: this.#reader.hasFailed,
    behind: this.#behind(),
    pending: this.#writer.count,
    pendingBytes: this.#writer.bytes
  })

  /** Whether all that was read joins on, up to the last entry. */
  get #isContinuous(): boolean {
    return this.#stoppedAt === undefined && !this.#writer.isRenewing
  }

  /**
   * Milliseconds for which entries of others have not been read, or for which the engine has not taken the entries of
   * this process, because its disk is full for example.
   */
  #behind(): number {
    const now = performance.now()
    const unread = now - Math.min(this.#end.unreadSince(now), this.#stoppedAt ?? now)
    const untaken = this.#writer.age(now)
    return untaken > this.#options.patience ? Math.max(unread, untaken) : unread
  }

  async #begin(why: LogStart.Restart | undefined): Promise<void> {
    this.#stoppedAt = performance.now()
    this.#beginning.abort()
    this.#beginning = new AbortController()
    const reader = {
      why,
      position: this.#position,
      generations: this.#generations.known,
      restores: this.#reader.restores,
      begin: (start: LogStart.LogStart) => this.#readFrom(start, why === undefined),
      isVoid: (generation: string | undefined) => this.#generations.isVoid(generation),
      askForSnapshot: () => this.#writer.notify({ type: "wanted" }),
      onTrouble: (what: string) => this.#options.onTrouble(this.name, what)
    }
    await LogStart.begin(this.#engine, reader, this.#options, this.#beginning.signal)
  }

  #readFrom({ generations, isPartial, place, renewal, snapshot }: LogStart.LogStart, isFirst: boolean): void {
    this.#writer.restart()
    // This process's first entry is known, so a later one that comes first does not count.
    const writers = isPartial ? ([[this.#writer.name, 0]] as const) : (snapshot?.writers ?? [])
    this.#sequences = new WriterSequences(writers, isPartial)
    this.#generations.begin(generations)
    this.#position = place.position
    this.#snapshots.begin(snapshot === undefined ? 0 : place.through)
    if (snapshot !== undefined) this.#reader.restore(snapshot.state, place.position)
    else if (!isFirst) this.#reader.forgotten()
    this.#engine.read(place, {
      entry: (entry) => this.#receive(entry),
      broken: (why) => this.#broken(why)
    })
    if (renewal !== undefined) this.#writer.renew(renewal)
    this.#stoppedAt = undefined
    this.#end.ask()
  }

  /** What was read does not join on. */
  #broken(why: LogStart.Restart): void {
    if (this.#isClosed) return
    this.#options.onTrouble(this.name, `${LogStart.PROBLEMS[why]}: the reader begins again`)
    this.#end.restart()
    void this.#begin(why)
  }

  #receive({ bytes, position, size }: EngineEntry): void {
    if (this.#isClosed || position <= this.#position) return
    this.#position = position
    this.#snapshots.read(size)
    const framed = unframe(bytes)
    if (framed?.notice !== undefined) this.#heed(framed.notice, framed.writer, position)
    else if (framed !== undefined) this.#take(framed.writer, framed.number, framed.payload, position)
    this.#end.read(position)
  }

  #take(writer: string, number: number, payload: Uint8Array, position: number): void {
    const isOwn = writer === this.#writer.name
    if (!this.#sequences.take(writer, number)) {
      // An earlier entry was lost, so this one and all after it do not count, and are sent again.
      if (isOwn && this.#sequences.isEarly(writer, number)) this.#writer.resendGap(number, performance.now())
      return
    }
    if (isOwn) this.#writer.cameBack()
    this.#reader.bytes(payload, position)
    this.#snapshots.taken(isOwn)
  }

  #heed(notice: Notice, writer: string, position: number): void {
    switch (notice.type) {
      case "wanted":
        if (writer === this.#writer.name || !this.#isContinuous) return
        if (this.#snapshots.isSaving) this.#writer.notify({ type: "kept" })
        return this.#snapshots.saveSoon(Math.random() * this.#options.patience)
      case "kept":
        if (this.#generations.dropOverruled(notice.overrules)) this.#broken("overruled")
        return
      case "saved":
        if (this.#generations.dropOverruled(notice.overrules)) return this.#broken("overruled")
        this.#generations.overruleRead(notice.overrules)
        if (notice.generation === this.unsafeGeneration()) this.#snapshots.savedByOther(notice.position)
        return
      case "generation":
        return this.#heedGeneration(notice, writer, position)
    }
  }

  #heedGeneration(notice: GenerationNotice, writer: string, position: number): void {
    const isOwn = writer === this.#writer.name
    if (isOwn) this.#writer.renewed()
    if (!this.#generations.isNew(notice)) return
    // This process was only silent for so long that the other one took the beginning of the log for lost.
    if ("end" in notice && !isOwn && this.#isContinuous && this.#reader.makesSnapshots) {
      this.#generations.overrule(position, writer)
      return this.#snapshots.saveSoon(0)
    }
    this.#generations.add(position, writer)
    this.#sequences = new WriterSequences([], false)
    this.#writer.restart()
    this.#writer.renewed()
    this.#reader.forgotten()
    // Without it, whoever starts when all have ended finds no beginning again.
    if ("end" in notice) this.#snapshots.saveSoon(isOwn ? 0 : this.#options.patience)
  }

  #tick(): void {
    const now = performance.now()
    if (this.#stoppedAt === undefined && this.#engine.isConnected()) {
      this.#writer.resendLost(now, this.#end.readAsOf)
      this.#snapshots.tick(now)
    }
    // Whether an entry is lost is known when the end of the log is.
    this.#end.tick(now, this.#writer.isOverdue(now) ? this.#options.patience : undefined, this.#writer.count > 0)
  }

  #makeSnapshot(): Snapshot | undefined {
    if (!this.#isContinuous) return undefined
    const state = this.#reader.makesSnapshots ? this.#reader.snapshot() : undefined
    if (state === undefined) return undefined
    const place = this.#engine.place()
    const head: SnapshotHead = {
      origin: this.#engine.origin(),
      generations: this.#generations.known,
      ...place,
      writers: this.#sequences.entries()
    }
    const generation = this.unsafeGeneration()
    const { overruled } = this.#generations
    const overrules = overruled === undefined ? {} : { overrules: overruled }
    const isPresent = () => generation === this.unsafeGeneration()
    const saved = () => {
      if (!isPresent()) return false
      this.#writer.notify({ type: "saved", position: place.through, generation, ...overrules })
      // The notice of it may be lost.
      if (this.#generations.overruled !== undefined)
        this.#snapshots.saveSoon(this.#generations.overruled === overruled ? this.#options.patience : 0)
      return true
    }
    const refused = () => {
      if (isPresent()) this.#writer.notify({ type: "kept", ...overrules })
    }
    return { bytes: frameSnapshot(head, state), through: place.through, saved, refused }
  }
}
