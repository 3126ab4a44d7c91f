/**
 * Where a reader begins: at the newest snapshot if the log joins on to it, or at the first entry. If it can begin at neither, it
 * asks the other processes for a snapshot and waits, for ever if one of them has the log, and otherwise until the log begins again.
 */
import { sleep } from "../Time/Timer.ts"
import { RETRY } from "./LogEnd.ts"
import type { Break, EngineLog, LogPosition } from "./LogEngine.ts"
import { type GenerationNotice, type SnapshotHead, unframe, unframeSnapshot } from "./LogFrame.ts"
import { FIRST } from "./LogGenerations.ts"
import type { SharedLogOptions } from "./SharedLogOptions.ts"

/** Why a reader begins again. `overruled`: it took the beginning for lost, and another process has it. */
export type Restart = Break | "overruled"

export const PROBLEMS: Readonly<Record<Restart, string>> = {
  missed: "entries were missed that are no longer kept",
  back: "the engine has lost the newest entries",
  replaced: "the engine has lost all entries",
  overruled: "another process has the entries that this one took for lost"
}

export interface LogStart {
  readonly place: LogPosition
  /** The generations up to the one of this place. */
  readonly generations: ReadonlyArray<string>
  /** The reader's state at this place, and the writers of the log until then; without it, the state is empty. */
  readonly snapshot?: { readonly state: Uint8Array; readonly writers: SnapshotHead["writers"] }
  /** Whether entries before this place are not known. */
  readonly isPartial: boolean
  /** Begins another generation, because entries of this one are lost. */
  readonly renewal?: GenerationNotice | undefined
}

/** The reader that begins. */
export interface StartReader {
  /** Why it begins again; `undefined` if it begins for the first time. */
  readonly why: Restart | undefined
  /** The position of the last entry that it has read, and the generations that it knows. */
  readonly position: number
  readonly generations: ReadonlyArray<string>
  readonly restores: boolean
  /** Reads from there. If that fails, a place is sought again. */
  readonly begin: (start: LogStart) => void
  readonly isVoid: (generation: string | undefined) => boolean
  /** Asks the other processes for a snapshot. */
  readonly askForSnapshot: () => void
  readonly onTrouble: (what: string) => void
}

const at = (position: number): LogPosition => ({ position, through: position, mark: "" })

const load = async (engine: EngineLog, { isVoid }: StartReader) => {
  const saved = await engine.loadSnapshot()
  const snapshot = saved === undefined ? undefined : unframeSnapshot(saved)
  // A snapshot of a log that the engine has lost, or of a generation that is void.
  if (snapshot === undefined || snapshot.head.origin !== engine.origin()) return undefined
  if (isVoid(snapshot.head.generations.at(-1))) return undefined
  return { ...snapshot, joins: await engine.joins(snapshot.head) }
}

/** Reads only whether somebody has the whole log, and can't save a snapshot yet. */
const awaitKept = (engine: EngineLog, position: number, kept: () => void): void =>
  engine.read(at(position), {
    entry: ({ bytes }) => {
      if (unframe(bytes)?.notice?.type === "kept") kept()
    },
    broken: () => {}
  })

/**
 * Finds the place and begins there, unless the signal comes first. Rejects if the engine does not answer a reader that begins for the
 * first time. Whoever begins again has been reading, so it waits for the engine.
 */
export const begin = async (
  engine: EngineLog,
  reader: StartReader,
  { patience, snapshotPatience }: SharedLogOptions,
  signal: AbortSignal
): Promise<void> => {
  const { generations, restores, why } = reader
  // Whoever begins at this position, or before it, comes to the same gap.
  const gap = why === "missed" ? reader.position : Number.NEGATIVE_INFINITY
  let wantedSince: number | undefined
  let wentBack = why === "back" ? generations : undefined
  const beginAt = (start: LogStart): void => {
    const isBack = wentBack?.includes(start.generations.at(-1)!) === true
    reader.begin(isBack ? { ...start, renewal: { type: "generation", from: wentBack! } } : start)
  }
  while (!signal.aborted) {
    try {
      const snapshot = await load(engine, reader)
      const { first, last } = await engine.bounds()
      if (signal.aborted) return
      if (snapshot?.joins === "back") wentBack ??= snapshot.head.generations
      if (snapshot?.joins === "joins" && snapshot.head.through > gap && restores) {
        const { head, rest: state } = snapshot
        const place = { position: head.position, through: head.through, mark: head.mark }
        return beginAt({
          place,
          generations: head.generations,
          snapshot: { state, writers: head.writers },
          isPartial: false
        })
      }
      const isWhole = first <= 1 && why !== "missed"
      if (isWhole || !restores) {
        // Without snapshots, readers begin at the oldest entry that is kept, or at the end if that is before the gap.
        const known = isWhole || snapshot?.joins === "back" ? FIRST : (snapshot?.head.generations ?? FIRST)
        return beginAt({ place: at(first > gap ? first - 1 : last), generations: known, isPartial: !isWhole })
      }
      const end = Math.max(last, first - 1)
      if (wantedSince === undefined) {
        wantedSince = performance.now()
        awaitKept(engine, end, () => {
          wantedSince = performance.now()
        })
      } else if (performance.now() - wantedSince >= snapshotPatience) {
        reader.onTrouble("its beginning is no longer kept, and no snapshot joins on to what is left: its state is lost")
        const renewal = { type: "generation", end } as const
        return reader.begin({ place: at(end), generations: FIRST, isPartial: false, renewal })
      }
      reader.askForSnapshot()
      await sleep(patience / 2)
    } catch (error) {
      if (why === undefined && wantedSince === undefined) throw error
      await sleep(RETRY)
    }
  }
}
