/**
 * A log over an engine that other processes use too. Entries are bytes there, and the reader gets them when the engine
 * has stored them. Every entry must join on to the one before it. When it does not, the reader begins again, at the
 * newest snapshot if the log joins on to that.
 */
import { randomBytes } from "node:crypto"
import { every } from "../Time/SharedInterval.ts"
import { sleep } from "../Time/Timer.ts"
import type { GuardedReader } from "./GuardedReader.ts"
import type { Codec, Log, LogHealth } from "./Log.ts"
import { LogEnd, RETRY } from "./LogEnd.ts"
import type { Break, EngineEntry, EngineLog, LogPosition } from "./LogEngine.ts"
import {
  frame,
  frameNotice,
  frameSnapshot,
  type Notice,
  type SnapshotHead,
  unframe,
  unframeSnapshot
} from "./LogFrame.ts"
import { PendingEntries } from "./PendingEntries.ts"
import { type Snapshot, Snapshots } from "./Snapshots.ts"
import { WriterSequences } from "./WriterSequences.ts"

export interface SharedLogOptions {
  /** Milliseconds after which an entry that did not come back is sent again. 1,000 unless given. */
  readonly patience: number
  /**
   * Milliseconds between two questions to the engine for the end of the log; five times as long while nothing is
   * written to it. 1,000 unless given.
   */
  readonly poll: number
  /** Bytes of the engine between two snapshots. A quarter of those that the engine keeps unless given. */
  readonly snapshotEvery: number | undefined
  /**
   * Milliseconds to wait for another process's snapshot if the log does not join on to the saved one. 5,000 unless given.
   */
  readonly snapshotPatience: number
  /** Called with a problem that loses no entry, such as a snapshot that could not be saved. */
  readonly onTrouble: (log: string, what: string) => void
}

export const defaults: SharedLogOptions = {
  patience: 1000,
  poll: 1000,
  snapshotEvery: undefined,
  snapshotPatience: 5000,
  onTrouble: () => {}
}

/** Milliseconds without a tick after which this process was frozen, and knows nothing of what was written meanwhile. */
const FROZEN = 2000
const FIRST: ReadonlyArray<string> = ["0"]
const GENERATIONS = 16

/** Why a reader begins again. `overruled`: it took the beginning for lost, and another process has it. */
type Reason = Break | "overruled"
const PROBLEMS: Readonly<Record<Reason, string>> = {
  missed: "entries were missed that are no longer kept",
  back: "the engine has lost the newest entries",
  replaced: "the engine has lost all entries",
  overruled: "another process has the entries that this one took for lost"
}

const START: LogPosition = { position: 0, through: 0, mark: "" }

const newWriter = () => randomBytes(WRITER_BYTES).toString("hex")
const WRITER_BYTES = 6

export class SharedLog<A> implements Log<A> {
  readonly name: string
  readonly #engine: EngineLog
  readonly #codec: Codec<A>
  readonly #reader: GuardedReader<A>
  readonly #options: SharedLogOptions
  #sequences = new WriterSequences([], false)
  #position = 0
  /**
   * The generations of the log up to the present one, at most `GENERATIONS`: the position at which each began, and the
   * writer of the notice that began it.
   */
  #generations: ReadonlyArray<string> = FIRST
  #writer = newWriter()
  #pending: PendingEntries
  /** Increases whenever the reader begins again. */
  #beginnings = 0
  /** When the reader stopped, while it can't begin again yet. */
  #stoppedAt: number | undefined
  /** A generation that is void, because another process had the whole log. */
  #overruled: string | undefined
  /** The same, while this is that process and has not read its own notice of it. A notice may be lost, so it is repeated until then. */
  #overrules: string | undefined
  /** The position of that generation. A notice of it may be in the log again, which the process that began it takes for a copy. */
  #overruledAt = 0
  /** The notice of another generation, until it is read. */
  #renewal: { readonly notice: Notice; sentAt: number } | undefined
  readonly #snapshots: Snapshots
  readonly #end: LogEnd
  #isClosed = false
  #tickedAt = performance.now()
  readonly #stopTicking: () => void

  constructor(name: string, engine: EngineLog, codec: Codec<A>, reader: GuardedReader<A>, options: SharedLogOptions) {
    this.name = name
    this.#engine = engine
    this.#codec = codec
    this.#reader = reader
    this.#options = options
    this.#pending = new PendingEntries(engine, options.patience)
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
    await this.#begin(++this.#beginnings, undefined)
  }

  close(): void {
    this.#isClosed = true
    this.#stopTicking()
  }

  readonly unsafeAppend = (entry: A): void => {
    if (this.#isClosed) return
    this.#pending.append((number) => frame(this.#writer, number, this.#codec.encode(entry)))
  }

  readonly unsafePosition = (): number => this.#position

  readonly unsafeGeneration = (): string => `${this.#engine.origin()}.${this.#generations.at(-1)}`

  readonly unsafeWhenCurrent = (callback: () => void): void => this.#end.whenRead(callback)

  readonly unsafeHealth = (): LogHealth => ({
    connected: this.#engine.isConnected() && !this.#reader.hasFailed,
    continuous: this.#isContinuous,
    failed: this.#reader.hasFailed,
    behind: this.#behind(),
    pending: this.#pending.count,
    pendingBytes: this.#pending.bytes
  })

  /** Whether all that was read joins on, up to the last entry. */
  get #isContinuous(): boolean {
    return this.#stoppedAt === undefined && this.#renewal === undefined
  }

  /**
   * Milliseconds for which entries of others have not been read, or for which the engine has not taken the entries of
   * this process, because its disk is full for example.
   */
  #behind(): number {
    const now = performance.now()
    const frozenAt = now - this.#tickedAt > FROZEN ? this.#tickedAt : now
    const unread = now - Math.min(frozenAt, this.#end.unreadSince ?? now, this.#stoppedAt ?? now)
    const untaken = this.#pending.age(now)
    return untaken > this.#options.patience ? Math.max(unread, untaken) : unread
  }

  /** Begins to read: at the newest snapshot, or at the first entry, or when another process has saved a snapshot. */
  async #begin(beginning: number, why: Reason | undefined): Promise<void> {
    this.#stoppedAt = performance.now()
    const generations = this.#generations
    // Whoever begins at this position, or before it, comes to the same gap.
    const gap = why === "missed" ? this.#position : Number.NEGATIVE_INFINITY
    let wantedSince: number | undefined
    const heardOf = () => {
      wantedSince = performance.now()
    }
    let wentBack = why === "back" ? generations : undefined
    while (!this.#isClosed && beginning === this.#beginnings) {
      try {
        const snapshot = await this.#load()
        const { first, last } = await this.#engine.bounds()
        if (this.#isClosed || beginning !== this.#beginnings) return
        if (snapshot?.joins === "back") wentBack ??= snapshot.head.generations
        const isWhole = first <= 1 && why !== "missed"
        if (snapshot?.joins === "joins" && snapshot.head.through > gap && this.#reader.restores)
          this.#restore(snapshot.head, snapshot.rest)
        else if (isWhole || !this.#reader.restores) {
          // Without snapshots, readers begin at the oldest entry that is kept, or at the end if that is before the gap.
          const known = isWhole || snapshot?.joins === "back" ? FIRST : (snapshot?.head.generations ?? FIRST)
          this.#startOver(first > gap ? first - 1 : last, known, !isWhole, why !== undefined)
        } else if (wantedSince === undefined || performance.now() - wantedSince < this.#options.snapshotPatience) {
          if (wantedSince === undefined) {
            wantedSince = performance.now()
            this.#await(Math.max(last, first - 1), heardOf)
          }
          this.#notify({ type: "wanted" })
          await sleep(this.#options.patience / 2)
          continue
        } else {
          this.#options.onTrouble(
            this.name,
            "its beginning is no longer kept, and no snapshot joins on to what is left: its state is lost"
          )
          const end = Math.max(last, first - 1)
          this.#startOver(end, FIRST, false, why !== undefined)
          wentBack = undefined
          this.#renew({ type: "generation", end })
        }
        if (wentBack?.includes(this.#generations.at(-1)!) === true) this.#renew({ type: "generation", from: wentBack })
        this.#stoppedAt = undefined
        this.#end.ask()
        return
      } catch (error) {
        if (why === undefined && wantedSince === undefined) throw error
        await sleep(RETRY)
      }
    }
  }

  /** Reads only whether somebody has the whole log, and can't save a snapshot yet. */
  #await(position: number, kept: () => void): void {
    this.#engine.read(
      { position, through: position, mark: "" },
      {
        entry: ({ bytes }) => {
          if (unframe(bytes)?.notice?.type === "kept") kept()
        },
        broken: () => {}
      }
    )
  }

  async #load() {
    const saved = await this.#engine.loadSnapshot()
    const snapshot = saved === undefined ? undefined : unframeSnapshot(saved)
    // A snapshot of a log that the engine has lost, or of a generation that is void.
    if (snapshot === undefined || snapshot.head.origin !== this.#engine.origin()) return undefined
    if (snapshot.head.generations.at(-1) === this.#overruled) return undefined
    return { ...snapshot, joins: await this.#engine.joins(snapshot.head) }
  }

  #restore(head: SnapshotHead, state: Uint8Array): void {
    this.#dropPending()
    this.#sequences = new WriterSequences(head.writers, false)
    this.#generations = head.generations
    this.#position = head.position
    this.#snapshots.begin(head.through)
    this.#overruledAt = 0
    this.#reader.restore(state, head.position)
    this.#read(head)
  }

  /** Begins after a position with an empty state. */
  #startOver(position: number, generations: ReadonlyArray<string>, isPartial: boolean, mustForget: boolean): void {
    this.#dropPending()
    // This process's first entry is known, so a later one that comes first does not count.
    this.#sequences = new WriterSequences(isPartial ? [[this.#writer, 0]] : [], isPartial)
    this.#generations = generations
    this.#position = position
    this.#snapshots.begin(0)
    this.#overruledAt = 0
    if (mustForget) this.#reader.forgotten()
    this.#read({ ...START, position, through: position })
  }

  #read(after: LogPosition): void {
    this.#engine.read(after, {
      entry: (entry) => this.#receive(entry),
      broken: (why) => this.#broken(why)
    })
  }

  /** What was read does not join on. */
  #broken(why: Reason): void {
    if (this.#isClosed) return
    this.#options.onTrouble(this.name, `${PROBLEMS[why]}: the reader begins again`)
    this.#end.restart()
    void this.#begin(++this.#beginnings, why)
  }

  /** This process's entries that were not read back no longer count: those that read on may have them already. */
  #dropPending(): void {
    this.#writer = newWriter()
    this.#pending.drop()
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
    const isOwn = writer === this.#writer
    if (!this.#sequences.take(writer, number)) {
      // An earlier entry was lost, so this one and all after it do not count, and are sent again.
      if (isOwn && this.#sequences.isEarly(writer, number)) this.#pending.resendGap(number, performance.now())
      return
    }
    if (isOwn) this.#pending.cameBack()
    this.#reader.bytes(payload, position)
    this.#snapshots.taken(isOwn)
  }

  #heed(notice: Notice, writer: string, position: number): void {
    switch (notice.type) {
      case "wanted":
        if (writer === this.#writer || !this.#isContinuous) return
        if (this.#snapshots.isSaving) this.#notify({ type: "kept" })
        return this.#snapshots.saveSoon(Math.random() * this.#options.patience)
      case "kept":
      case "saved":
        if (notice.overrules !== undefined && notice.overrules === this.#generations.at(-1)) {
          this.#overruled = notice.overrules
          return this.#broken("overruled")
        }
        if (notice.type === "kept") return
        if (notice.overrules === this.#overrules) this.#overrules = undefined
        if (notice.generation === this.unsafeGeneration()) this.#snapshots.savedByOther(notice.position)
        return
      case "generation": {
        const present = this.#generations.at(-1)!
        const isNew =
          "from" in notice
            ? notice.from.includes(present)
            : Math.max(Number.parseInt(present, 10), this.#overruledAt) <= notice.end
        // Another process was faster.
        const isOwn = writer === this.#writer
        if (isOwn) this.#renewal = undefined
        if (!isNew) return
        // This process was only silent for so long that the other one took the beginning of the log for lost.
        if ("end" in notice && !isOwn && this.#isContinuous && this.#reader.makesSnapshots) {
          this.#overrules = `${position}-${writer}`
          this.#overruledAt = position
          return this.#snapshots.saveSoon(0)
        }
        this.#generations = [...this.#generations, `${position}-${writer}`].slice(-GENERATIONS)
        this.#sequences = new WriterSequences([], false)
        this.#dropPending()
        this.#renewal = undefined
        this.#reader.forgotten()
        // Without it, whoever starts when all have ended finds no beginning again.
        if ("end" in notice) this.#snapshots.saveSoon(isOwn ? 0 : this.#options.patience)
      }
    }
  }

  #notify(notice: Notice): void {
    this.#engine.publish(frameNotice(this.#writer, notice))
  }

  #renew(notice: Notice): void {
    this.#renewal = { notice, sentAt: performance.now() }
    this.#notify(notice)
  }

  #tick(): void {
    const now = performance.now()
    if (now - this.#tickedAt > FROZEN) this.#end.unknownSince(this.#tickedAt)
    this.#tickedAt = now
    if (this.#stoppedAt !== undefined) return
    const { patience } = this.#options
    if (this.#engine.isConnected()) {
      this.#pending.resendLost(now, this.#end.readAsOf)
      this.#snapshots.tick(now)
      if (this.#renewal !== undefined && now - this.#renewal.sentAt > patience) this.#renew(this.#renewal.notice)
    }
    // Whether an entry is lost is known when the end of the log is.
    this.#end.tick(now, this.#pending.isOverdue(now) ? patience : undefined, this.#pending.count > 0)
  }

  #makeSnapshot(): Snapshot | undefined {
    if (!this.#isContinuous) return undefined
    const state = this.#reader.makesSnapshots ? this.#reader.snapshot() : undefined
    if (state === undefined) return undefined
    const place = this.#engine.place()
    const head: SnapshotHead = {
      origin: this.#engine.origin(),
      generations: this.#generations,
      ...place,
      writers: this.#sequences.entries()
    }
    const generation = this.unsafeGeneration()
    const overrules = this.#overrules
    const voided = overrules === undefined ? {} : { overrules }
    const isPresent = () => generation === this.unsafeGeneration()
    const saved = () => {
      if (!isPresent()) return false
      this.#notify({ type: "saved", position: place.through, generation, ...voided })
      if (this.#overrules !== undefined)
        this.#snapshots.saveSoon(this.#overrules === overrules ? this.#options.patience : 0)
      return true
    }
    const refused = () => {
      if (isPresent()) this.#notify({ type: "kept", ...voided })
    }
    return { bytes: frameSnapshot(head, state), through: place.through, saved, refused }
  }
}
