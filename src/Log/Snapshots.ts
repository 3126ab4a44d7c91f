/**
 * When the snapshots of a log are saved: after as many bytes as the options say, when the log has left the newest one behind, or
 * when another process wants one. Any process saves them, and says so to the others.
 */
import type { EngineLog } from "./LogEngine.ts"

export interface Snapshot {
  readonly bytes: Uint8Array
  /** The position through which it reaches. */
  readonly through: number
  /** Called when the engine has it. Returns whether it is of the log that is read now. */
  readonly saved: () => boolean
  /** Called when the engine does not take it. */
  readonly refused: () => void
}

/** The reader whose state is saved. */
export interface SnapshotSource {
  readonly makesSnapshots: () => boolean
  /** Makes the present snapshot, if there can be one now. */
  readonly make: () => Snapshot | undefined
}

export class Snapshots {
  readonly #engine: Pick<EngineLog, "saveSnapshot">
  /** Bytes of the engine between two snapshots. */
  readonly #every: number
  /** Milliseconds between two attempts. */
  readonly #patience: number
  readonly #source: SnapshotSource
  readonly #onTrouble: (what: string) => void
  /** The engine's bytes since the newest snapshot, and the position through which that snapshot reaches. */
  #since = 0
  #at = 0
  #isSaving = false
  /** Why the last snapshot was not saved. The same reason is reported once. */
  #trouble = ""
  #saveAt = Number.POSITIVE_INFINITY

  constructor(
    engine: Pick<EngineLog, "saveSnapshot">,
    options: { readonly every: number; readonly patience: number },
    source: SnapshotSource,
    onTrouble: (what: string) => void
  ) {
    this.#engine = engine
    this.#every = options.every
    this.#patience = options.patience
    this.#source = source
    this.#onTrouble = onTrouble
  }

  get isSaving(): boolean {
    return this.#isSaving
  }

  /** The log is read from a snapshot on that reaches through a position; 0 if there is none. */
  begin(through: number): void {
    this.#at = through
    this.#since = 0
  }

  read(size: number): void {
    this.#since += size
  }

  /** The last entry counts. Its writer saves a snapshot if it crosses the mark; if that fails, others do, a bit later. */
  taken(isOwn: boolean): void {
    if (isOwn && this.#since >= this.#every) this.saveSoon(0)
    else if (this.#since >= this.#every * 1.25) this.saveSoon(this.#patience)
  }

  savedByOther(through: number): void {
    if (through < this.#at) return
    this.begin(through)
    this.#saveAt = Number.POSITIVE_INFINITY
  }

  /** The engine's oldest entry is this one. If the log has left the newest snapshot behind, another one is needed. */
  keptFrom(first: number): void {
    if (this.#at + 1 < first) this.saveSoon(Math.random() * this.#patience)
  }

  saveSoon(delay: number): void {
    if (!this.#source.makesSnapshots()) return
    this.#saveAt = Math.min(this.#saveAt, performance.now() + delay)
    if (delay === 0) this.#save()
  }

  tick(now: number): void {
    if (now >= this.#saveAt) this.#save()
  }

  /** Saves a snapshot. If that fails, it is tried again. */
  #save(): void {
    if (this.#isSaving) return
    const snapshot = this.#source.make()
    if (snapshot === undefined) return
    this.#isSaving = true
    this.#saveAt = Number.POSITIVE_INFINITY
    this.#since = 0
    this.#engine.saveSnapshot(snapshot.bytes).then(
      () => {
        this.#isSaving = false
        this.#trouble = ""
        const at = Math.max(this.#at, snapshot.through)
        if (snapshot.saved()) this.#at = at
      },
      (error) => {
        this.#isSaving = false
        this.#saveAt = performance.now() + this.#patience
        snapshot.refused()
        const trouble = `a snapshot was not saved: ${error}`
        if (trouble !== this.#trouble) this.#onTrouble(trouble)
        this.#trouble = trouble
      }
    )
  }
}
